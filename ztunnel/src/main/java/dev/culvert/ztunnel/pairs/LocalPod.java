// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.pairs;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.linux.socket.SocketOptions;
import dev.culvert.linux.socket.TcpConnection;
import dev.culvert.linux.socket.TcpDiagnosis;
import dev.culvert.ztunnel.zds.Pod;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * A pod whose connections can be looked at and reset.
 *
 * @param cookie of its namespace
 */
record LocalPod(Pod pod, long cookie, TcpDiagnosis diagnosis) implements AutoCloseable {

  /** Enters the namespace, which is closed then: what is opened inside holds it. */
  static LocalPod open(Pod pod, NetworkNamespace netns) throws IOException {
    try (netns) {
      return new LocalPod(pod, netns.cookie(), TcpDiagnosis.in(netns));
    }
  }

  /** What its applications have open, not to the pod itself. */
  List<TcpConnection> connections() throws IOException {
    return diagnosis.connections().stream()
        .filter(each -> each.mark() != SocketOptions.MARK)
        .filter(each -> !each.remote().getAddress().isLoopbackAddress())
        .filter(each -> !each.remote().getAddress().equals(each.local().getAddress()))
        .toList();
  }

  /** Breaks what it has open to there; returns how many. */
  int reset(InetSocketAddress endpoint) throws IOException {
    int count = 0;
    for (TcpConnection each : connections()) {
      if (each.remote().equals(endpoint) && diagnosis.destroy(each)) {
        count++;
      }
    }
    return count;
  }

  @Override
  public void close() {
    diagnosis.close();
  }
}
