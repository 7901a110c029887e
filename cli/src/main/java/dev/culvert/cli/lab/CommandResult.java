// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What a finished command answered.
 *
 * @param exitCode 124 when it was killed for taking longer than 30 s
 * @param out standard output
 * @param err standard error
 */
public record CommandResult(int exitCode, String out, String err) {
  private static final long SECONDS = 30;
  private static final int TIMED_OUT = 124;

  static CommandResult of(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).start();
    process.getOutputStream().close();
    CompletableFuture<String> err = reading(process.getErrorStream());
    CompletableFuture<String> out = reading(process.getInputStream());
    int exitCode = exitCode(process);
    return new CommandResult(exitCode, out.join(), err.join());
  }

  /** Whether it ended with 0. */
  public boolean ok() {
    return exitCode == 0;
  }

  private static int exitCode(Process process) throws IOException {
    try {
      if (process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        return process.exitValue();
      }
      process.destroyForcibly();
      return TIMED_OUT;
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a command ran", e);
    }
  }

  private static CompletableFuture<String> reading(InputStream in) {
    // The common pool of a machine with two processors has one thread, and both ends must be read.
    return CompletableFuture.supplyAsync(() -> text(in), Thread.ofPlatform().daemon()::start);
  }

  private static String text(InputStream in) {
    try (in) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
