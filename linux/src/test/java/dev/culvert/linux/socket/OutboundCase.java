// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static dev.culvert.linux.socket.RedirectLab.CAPTURE;
import static dev.culvert.linux.socket.RedirectLab.at;

import org.junit.jupiter.api.BeforeEach;

/** A pod whose connections are steered to a proxy, and a server that it asks. */
abstract class OutboundCase extends RedirectCase {
  static final int OUTBOUND = 15001;
  static final int APP = 8080;

  @BeforeEach
  final void enrol() throws Exception {
    lab.enrol(lab.client, CAPTURE);
  }

  final TestSocket dualStackProxy() throws Exception {
    return lab.client.tcp(TestSocket.AF_INET6).marked().bound(at("::", OUTBOUND)).listening();
  }

  final TestSocket app(Family family) throws Exception {
    return lab.client.tcp(family.domain());
  }
}
