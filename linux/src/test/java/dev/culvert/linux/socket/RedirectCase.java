// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Two pods and the programs, made once for all tests of a class, with nobody enrolled. */
abstract class RedirectCase {
  static RedirectLab lab;

  @BeforeAll
  static void open() throws Exception {
    lab = new RedirectLab();
  }

  @AfterAll
  static void close() throws Exception {
    lab.close();
  }

  @BeforeEach
  final void nobodyIsEnrolled() throws Exception {
    lab.reset();
  }

  /** As a proxy listens in a pod, for both families. */
  static TestSocket proxy(RedirectLab.Pod pod, int port) throws Exception {
    return pod.tcp(TestSocket.AF_INET6)
        .marked()
        .sharingPort()
        .bound(RedirectLab.at("::", port))
        .listening();
  }
}
