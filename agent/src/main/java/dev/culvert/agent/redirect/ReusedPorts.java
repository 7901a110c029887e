// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.redirect;

import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a pod take its source ports again a second after a connection ended. All that it captures
 * goes to one port of its own address, so that some 28,000 connections a minute would use up its
 * ports; the kernel does the same by itself for 127.0.0.1 (net.ipv4.tcp_tw_reuse, ip-sysctl).
 *
 * <p>What the setting was is kept beside the pins until the pod leaves, in symbolic links on the
 * bpffs: they end with the boot, as the namespaces do. The namespace itself has the last word: who
 * has changed the setting meanwhile keeps it.
 */
final class ReusedPorts {
  private static final Logger LOG = LoggerFactory.getLogger(ReusedPorts.class);
  private static final Path OWN = Path.of("/proc/sys/net/ipv4/tcp_tw_reuse");

  /** In a container /proc/sys is read-only; there the node's own is mounted here. */
  private static final Path OF_NODE = Path.of("/host", OWN.toString());

  private static final Path SETTING = Files.exists(OF_NODE) ? OF_NODE : OWN;
  private static final String REUSE = "1";

  /**
   * What a setting was, and in which namespace.
   *
   * @param inode of the namespace, by which it is found again
   */
  private record Former(String value, long inode) {
    static Former read(Path link) throws IOException {
      String text = Files.readSymbolicLink(link).toString();
      int at = text.indexOf('@');
      return new Former(text.substring(0, at), Long.parseLong(text.substring(at + 1)));
    }

    Path target() {
      return Path.of(value + "@" + inode);
    }
  }

  private final Path folder;

  /**
   * @param folder on a bpffs, where what the settings were is kept
   */
  ReusedPorts(Path folder) {
    this.folder = folder;
  }

  /** Without it the pod works too, with fewer new connections a minute. */
  void allow(long cookie, NetworkNamespace netns) {
    try {
      String now = inside(netns, () -> Files.readString(SETTING).strip());
      if (!now.equals(REUSE)) {
        remember(cookie, new Former(now, netns.inode()));
        inside(netns, () -> Files.writeString(SETTING, REUSE));
      }
    } catch (IOException e) {
      LOG.warn("{}: ports of ended connections are not used again: {}", netns, e.getMessage());
    }
  }

  private void remember(long cookie, Former former) throws IOException {
    Path link = link(cookie);
    Files.deleteIfExists(link); // somebody has changed what an agent had set
    Files.createSymbolicLink(link, former.target());
  }

  /**
   * Gives the pod back what it had. Does nothing where nothing was changed.
   *
   * @param open the pod's namespace; it is looked for when it is not open
   */
  void restore(long cookie, Optional<NetworkNamespace> open) {
    Path link = link(cookie);
    if (!Files.isSymbolicLink(link)) {
      return;
    }
    try {
      Former former = Former.read(link);
      if (open.isPresent()) {
        restore(former, open.get());
      } else {
        restoreIn(cookie, former);
      }
      Files.deleteIfExists(link);
    } catch (IOException | RuntimeException e) {
      LOG.warn("{}: net.ipv4.tcp_tw_reuse stays as it is in that pod: {}", link, e.toString());
    }
  }

  private static void restoreIn(long cookie, Former former) throws IOException {
    try (FoundNamespace found = FoundNamespace.of(former.inode(), cookie)) {
      if (found.netns().isPresent()) {
        restore(former, found.netns().get());
      }
    }
  }

  private static void restore(Former former, NetworkNamespace netns) throws IOException {
    if (inside(netns, () -> Files.readString(SETTING).strip()).equals(REUSE)) {
      inside(netns, () -> Files.writeString(SETTING, former.value()));
    }
  }

  /** Gives all pods back what they had. */
  void restoreAll() throws IOException {
    for (Path link : PinFolder.list(folder)) {
      restore(Long.parseUnsignedLong(link.getFileName().toString(), 16), Optional.empty());
      Files.deleteIfExists(link);
    }
  }

  private Path link(long cookie) {
    return folder.resolve(Long.toHexString(cookie));
  }

  private interface Inside<T> {
    T call() throws IOException;
  }

  private static <T> T inside(NetworkNamespace netns, Inside<T> body) throws IOException {
    try {
      return netns.call(body::call);
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
