// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.peers;

import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A pod's network namespace with its loopback up, removed on close. */
public final class TestNetns implements AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String name =
      "culvert-ztunnel-%d-%d".formatted(ProcessHandle.current().pid(), COUNT.incrementAndGet());

  public TestNetns() throws IOException {
    ip("netns", "add", name);
    ip("-n", name, "link", "set", "lo", "up");
  }

  /** One more descriptor of it, for the caller to close. */
  public NetworkNamespace open() throws IOException {
    return NetworkNamespace.open(Path.of("/run/netns", name));
  }

  private static void ip(String... arguments) throws IOException {
    String[] command = Stream.concat(Stream.of("ip"), Stream.of(arguments)).toArray(String[]::new);
    int code = new ProcessBuilder(command).inheritIO().start().onExit().join().exitValue();
    if (code != 0) {
      throw new IOException("%s ended with %d".formatted(String.join(" ", command), code));
    }
  }

  @Override
  public void close() throws IOException {
    ip("netns", "del", name);
  }
}
