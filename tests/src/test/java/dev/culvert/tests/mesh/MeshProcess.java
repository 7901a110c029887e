// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A process of the mesh, which can be killed and started again. */
public final class MeshProcess {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Starts the process anew. */
  @FunctionalInterface
  public interface Launch {
    LabProcess start() throws IOException;
  }

  /** Waits until the process works. */
  @FunctionalInterface
  public interface Readiness {
    Duration await(LabProcess process) throws IOException;
  }

  private final Launch launch;
  private final Readiness readiness;
  private LabProcess process;

  private MeshProcess(Launch launch, Readiness readiness) {
    this.launch = launch;
    this.readiness = readiness;
  }

  /** Starts a process that can be started anew. */
  public static MeshProcess start(Launch launch, Readiness readiness) throws IOException {
    MeshProcess process = new MeshProcess(launch, readiness);
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

  /** SIGSTOP: its sockets stay, it does nothing until it is resumed. */
  public void stop() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** SIGCONT. */
  public void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
    if (kill.waitFor() != 0) {
      throw new IOException("kill -%s %d failed".formatted(name, process.pid()));
    }
  }

  /** SIGTERM; it may go on for as long as it has connections. */
  public void end() {
    process.end();
  }

  public void awaitReady() throws IOException {
    readiness.await(process);
  }

  /** Waits for a line of its log with this text. */
  public String awaitLog(String text) throws IOException {
    return process.awaitLine(text, PATIENCE);
  }

  public LabProcess lab() {
    return process;
  }

  /** Waits until it has no more than so many descriptors open. */
  public void awaitDescriptors(long atMost) throws InterruptedException, IOException {
    try {
      Await.until("no more than " + atMost + " descriptors", () -> descriptors() <= atMost);
    } catch (AssertionError e) {
      throw new AssertionError(openFiles(), e);
    }
  }

  private String openFiles() throws IOException {
    try (Stream<Path> open = Files.list(descriptorFolder())) {
      return open.map(MeshProcess::target).sorted().collect(Collectors.joining("\n"));
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private Path descriptorFolder() {
    return Path.of("/proc/" + process.pid() + "/fd");
  }

  /** What it holds in memory now (VmRSS of proc(5)), bytes. */
  public long residentBytes() throws IOException {
    try (Stream<String> status = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
      String line = status.filter(l -> l.startsWith("VmRSS:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
    }
  }

  /** How many descriptors it has open now. */
  public long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(descriptorFolder())) {
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
