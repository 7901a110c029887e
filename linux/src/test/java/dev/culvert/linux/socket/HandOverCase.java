// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static dev.culvert.linux.socket.RedirectLab.CAPTURE;
import static dev.culvert.linux.socket.RedirectLab.at;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;

/** A pod's ports, and the proxies that listen there one after the other. */
abstract class HandOverCase extends RedirectCase {
  static final int OUTBOUND = 15001;
  static final int INBOUND = 15006;
  static final int HBONE = 15008;
  static final int DNS = 15053;
  static final int APP = 8080;

  /** By chance alone all of them would go the same way once in a thousand million times. */
  static final int MANY = 10;

  @BeforeEach
  final void enrol() throws Exception {
    lab.enrol(lab.client, CAPTURE);
    lab.enrol(lab.server, CAPTURE);
    lab.steer(lab.server);
  }

  /** An app of the pod, of the same user, that pushes in on a proxy's port. */
  static TestSocket intruder(RedirectLab.Pod pod, int port) throws Exception {
    return pod.tcp(TestSocket.AF_INET6).sharingPort().bound(at("::", port)).listening();
  }

  /** From the client's app, captured on its way. */
  static TestSocket captured(Family family) throws Exception {
    return lab.client.tcp(family.domain()).connected(at(family.of(lab.server), APP));
  }

  /** To the server, not captured on its way: the client's proxy opens it. */
  static TestSocket dialled(Family family, int port) throws Exception {
    return lab.client.tcp(family.domain()).marked().connected(at(family.of(lab.server), port));
  }

  static TestSocket open(Family family, int listener) throws Exception {
    return switch (listener) {
      case OUTBOUND -> captured(family);
      case HBONE -> dialled(family, HBONE);
      default -> dialled(family, APP);
    };
  }

  static RedirectLab.Pod podOf(int listener) {
    return listener == OUTBOUND ? lab.client : lab.server;
  }

  static void assertTakes(TestSocket listener, int port) throws Exception {
    for (int i = 0; i < MANY; i++) {
      for (Family family : Family.values()) {
        assertTakes(listener, family, port);
      }
    }
  }

  static void assertTakes(TestSocket listener, Family family, int port) throws Exception {
    try (TestSocket app = open(family, port);
        TestSocket taken = listener.accept()) {
      assertTalks(app, taken);
    }
  }

  static void assertTalks(TestSocket app, TestSocket taken) throws Exception {
    app.send("ping", null);
    assertThat(taken.receive().text()).isEqualTo("ping");
    taken.send("pong", null);
    assertThat(app.receive().text()).isEqualTo("pong");
  }
}
