// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A process of the lab. Its output is in a file; it ends with the lab at the latest. */
public final class LabProcess {
  private final String name;
  private final Process process;
  private final Path log;
  private final long logBegin;

  private LabProcess(String name, Process process, Path log, long logBegin) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.logBegin = logBegin;
  }

  static LabProcess start(
      LabLayout layout, Manifest manifest, LabPlace place, String name, List<String> command)
      throws IOException {
    Path log = layout.logs().resolve(name + ".log");
    long begin = Files.exists(log) ? Files.size(log) : 0;
    // A session of its own: Ctrl-C reaches the lab's owner only, which then ends all in order.
    List<String> detached = new ArrayList<>(List.of("setsid"));
    detached.addAll(place.wrap(command));
    Process process =
        new ProcessBuilder(detached)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    remember(manifest, process.pid(), name);
    return new LabProcess(name, process, log, begin);
  }

  private static void remember(Manifest manifest, long pid, String name) throws IOException {
    try {
      manifest.process(LabPid.of(pid), name);
    } catch (NoSuchFileException e) {
      // It has ended already, and there is nothing to clean up.
    }
  }

  public String name() {
    return name;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Where it writes to. */
  public Path log() {
    return log;
  }

  /** The whole lines that this process, not one before it of the same name, wrote so far. */
  public List<String> lines() throws IOException {
    String text = new String(written(), StandardCharsets.UTF_8);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  /** Only its own part: what ran before it under this name may have left hundreds of megabytes. */
  private byte[] written() throws IOException {
    try (FileInputStream in = new FileInputStream(log.toFile())) {
      in.skipNBytes(Math.min(logBegin, in.getChannel().size()));
      return in.readAllBytes();
    }
  }

  /** Writes a line to its standard input. */
  public void tell(String line) throws IOException {
    OutputStream in = process.getOutputStream();
    in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    in.flush();
  }

  /** Ends its standard input. */
  public void endInput() throws IOException {
    process.getOutputStream().close();
  }

  /** SIGKILL; returns when the process is gone. */
  public void kill() throws IOException {
    process.destroyForcibly();
    exitCode(Duration.ofSeconds(10));
  }

  /** SIGTERM; does not wait. */
  public void end() {
    process.destroy();
  }

  /**
   * SIGTERM; returns when the process is gone.
   *
   * @return its exit code
   */
  public int terminate(Duration atMost) throws IOException {
    end();
    return exitCode(atMost);
  }

  /**
   * Waits for its end.
   *
   * @throws IOException when it still runs then
   */
  public int exitCode(Duration atMost) throws IOException {
    try {
      if (process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
        return process.exitValue();
      }
      throw new IOException("%s still runs after %d s".formatted(name, atMost.toSeconds()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the end of " + name, e);
    }
  }

  /**
   * Waits for a line that the process writes.
   *
   * @return the first such line
   * @throws LabProcessEndedException when the process ends without writing it
   * @throws IOException when the time is over before
   */
  public String awaitLine(String part, Duration atMost) throws IOException {
    Await.until(
        "%s writes '%s' to %s".formatted(name, part, log), atMost, () -> hasLineOrEnds(part));
    return find(part).orElseThrow();
  }

  private boolean hasLineOrEnds(String part) throws IOException {
    boolean alive = isAlive();
    boolean found = find(part).isPresent();
    if (!found && !alive) {
      throw new LabProcessEndedException(name, process.exitValue(), lastLines());
    }
    return found;
  }

  private Optional<String> find(String part) throws IOException {
    return lines().stream().filter(line -> line.contains(part)).findFirst();
  }

  /** The end of its log, for messages. */
  public String lastLines() throws IOException {
    List<String> lines = lines();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 8), lines.size()));
  }

  @Override
  public String toString() {
    return "%s (process %d)".formatted(name, pid());
  }
}
