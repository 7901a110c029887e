// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes a lab's cgroups threaded and this process a member of their domain, so that single threads
 * of it can be in a node's cgroup; see cgroups(7). A cgroup turns threaded only while it is empty.
 */
final class ThreadedDomain implements AutoCloseable {
  private static final Path SELF = Path.of("/proc/self/cgroup");

  private final Path domain;
  private final Path home;

  /** A lab that is cleaned up because this JVM is told to end cannot remove a cgroup it is in. */
  private final Thread hook = new Thread(this::goHome, "leave-cgroup");

  private ThreadedDomain(Path domain, Path home) {
    this.domain = domain;
    this.home = home;
  }

  static ThreadedDomain of(Path domain, Path mount) throws IOException {
    Path home =
        Files.readAllLines(SELF).stream()
            .filter(line -> line.startsWith("0::"))
            .map(line -> mount.resolve(line.substring("0::/".length())))
            .findFirst()
            .orElse(mount);
    return new ThreadedDomain(domain, home);
  }

  static void makeThreaded(Path cgroup) throws IOException {
    Files.writeString(cgroup.resolve("cgroup.type"), "threaded");
  }

  void enter() throws IOException {
    Runtime.getRuntime().addShutdownHook(hook);
    move(domain);
  }

  private void goHome() {
    try {
      move(home);
    } catch (IOException e) {
      System.err.println("cannot leave " + domain + ": " + e);
    }
  }

  private static void move(Path cgroup) throws IOException {
    Files.writeString(cgroup.resolve("cgroup.procs"), Long.toString(ProcessHandle.current().pid()));
  }

  /** Takes the whole process back to where it was. */
  @Override
  public void close() throws IOException {
    Runtime.getRuntime().removeShutdownHook(hook);
    move(home);
  }
}
