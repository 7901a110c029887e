// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** A named network namespace with its loopback up, removed on close. */
public final class TestNamespace implements AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String name =
      "culvert-linux-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();

  public TestNamespace() throws IOException {
    ip("netns", "add", name);
    ip("-n", name, "link", "set", "lo", "up");
  }

  String name() {
    return name;
  }

  Path path() {
    return Path.of("/run/netns", name);
  }

  public NetworkNamespace open() throws IOException {
    return NetworkNamespace.open(path());
  }

  static void ip(String... arguments) throws IOException {
    String[] command = new String[arguments.length + 1];
    command[0] = "ip";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.onExit().join().exitValue() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
  }

  @Override
  public void close() throws IOException {
    ip("netns", "del", name);
  }
}
