// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/** A process of the mesh, which can be killed and started again. */
public final class MeshProcess {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Starts the process anew. */
  @FunctionalInterface
  interface Launch {
    LabProcess start() throws IOException;
  }

  private final Launch launch;
  private final Callable<Boolean> ready;
  private LabProcess process;

  private MeshProcess(Launch launch, Callable<Boolean> ready) {
    this.launch = launch;
    this.ready = ready;
  }

  static MeshProcess start(Launch launch, Callable<Boolean> ready) throws IOException {
    MeshProcess process = new MeshProcess(launch, ready);
    process.start();
    return process;
  }

  /** Starts it; {@link #awaitReady} tells when it works. */
  public void start() throws IOException {
    process = launch.start();
  }

  /** SIGKILL: no last word to anybody. */
  public void kill() throws IOException {
    process.kill();
  }

  public void awaitReady() throws InterruptedException {
    Await.until(process + " is ready", this::readyOrDead);
  }

  private boolean readyOrDead() throws Exception {
    if (!process.isAlive()) {
      throw new IOException("it has ended:\n" + process.lastLines());
    }
    return ready.call();
  }

  /** Waits for a line of its log with this text. */
  public String awaitLog(String text) throws IOException {
    return process.awaitLine(text, PATIENCE);
  }

  public LabProcess lab() {
    return process;
  }

  /** How many descriptors it has open now. */
  public long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      return open.count();
    }
  }

  /** The number of descriptors once it stays the same for a while. */
  public long settledDescriptors() throws InterruptedException {
    long[] seen = {-1, 0};
    Await.until(
        "the descriptors of " + process + " settle",
        () -> {
          long now = descriptors();
          seen[1] = now == seen[0] ? seen[1] + 1 : 0;
          seen[0] = now;
          return seen[1] >= 25;
        });
    return seen[0];
  }
}
