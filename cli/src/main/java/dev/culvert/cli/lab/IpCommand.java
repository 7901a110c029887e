// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** iproute2's ip, many commands in one process. */
final class IpCommand {
  private IpCommand() {}

  static void batch(List<String> commands) throws IOException {
    run(List.of("ip", "-batch", "-"), commands);
  }

  static void batchIn(String netns, List<String> commands) throws IOException {
    run(List.of("ip", "-n", netns, "-batch", "-"), commands);
  }

  private static void run(List<String> ip, List<String> commands) throws IOException {
    Process process = new ProcessBuilder(ip).redirectErrorStream(true).start();
    try (OutputStream in = process.getOutputStream()) {
      in.write((String.join("\n", commands) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (exitCode(process) != 0) {
      throw new IOException(
          "%s: %s in %s".formatted(String.join(" ", ip), answer.strip(), commands));
    }
  }

  private static int exitCode(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while ip ran", e);
    }
  }
}
