// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import dev.culvert.linux.socket.RedirectLab.Pod;
import java.net.InetAddress;

/** The kinds of an application's socket: the third is what every JVM opens for IPv4. */
enum Family {
  IPV4(TestSocket.AF_INET),
  IPV6(TestSocket.AF_INET6),
  IPV4_ON_IPV6(TestSocket.AF_INET6);

  private final int domain;

  Family(int domain) {
    this.domain = domain;
  }

  int domain() {
    return domain;
  }

  InetAddress of(Pod pod) {
    return this == IPV6 ? pod.ip6() : pod.ip4();
  }

  InetAddress address(String ip4, String ip6) {
    return InetAddress.ofLiteral(this == IPV6 ? ip6 : ip4);
  }

  InetAddress loopback() {
    return address("127.0.0.1", "::1");
  }

  InetAddress any() {
    return address("0.0.0.0", "::");
  }
}
