// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.redirect;

import dev.culvert.linux.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a pod take its source ports again a second after a connection ended. All that it captures
 * goes to one port of its own address, so that some 28,000 connections a minute would use up its
 * ports; the kernel does the same by itself for 127.0.0.1 (net.ipv4.tcp_tw_reuse, ip-sysctl).
 */
final class ReusedPorts {
  private static final Logger LOG = LoggerFactory.getLogger(ReusedPorts.class);
  private static final Path SETTING = Path.of("/proc/sys/net/ipv4/tcp_tw_reuse");

  private ReusedPorts() {}

  /** Without it the pod works too, with fewer new connections a minute. */
  @SuppressWarnings("CatchingUnchecked") // whatever entering a namespace throws
  static void allow(NetworkNamespace netns) {
    try {
      var _ = netns.call(() -> Files.writeString(SETTING, "1"));
    } catch (IOException e) {
      LOG.warn("{}: ports of ended connections are not used again: {}", netns, e.getMessage());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
