// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import jnr.unixsocket.Credentials;
import jnr.unixsocket.UnixSocketChannel;
import jnr.unixsocket.UnixSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads one line from a caller, who must be root, and writes the answer. */
final class AdminRequests implements Callers {
  private static final Logger LOG = LoggerFactory.getLogger(AdminRequests.class);
  private static final int LONGEST_LINE = 1024;
  private static final int ROOT = 0;
  private static final int PATIENCE_MS = 5_000;

  private final Map<String, Answer> answers;

  AdminRequests(Map<String, Answer> answers) {
    this.answers = Map.copyOf(answers);
  }

  @Override
  public void answer(UnixSocketChannel caller) {
    try (caller) {
      caller.configureBlocking(true);
      caller.setOption(UnixSocketOptions.SO_RCVTIMEO, PATIENCE_MS);
      caller.setOption(UnixSocketOptions.SO_SNDTIMEO, PATIENCE_MS);
      Credentials credentials = caller.getOption(UnixSocketOptions.SO_PEERCRED);
      String request = readLine(caller);
      List<String> lines = credentials.getUid() == ROOT ? reply(request) : refusal(credentials);
      write(caller, String.join("\n", lines) + "\n");
    } catch (IOException e) {
      LOG.debug("admin: a caller was not answered: {}", e.getMessage());
    }
  }

  private static List<String> refusal(Credentials caller) {
    LOG.warn("admin: refused uid {} (pid {})", caller.getUid(), caller.getPid());
    return List.of("error: only root may ask, not uid " + caller.getUid());
  }

  private List<String> reply(String request) {
    Answer answer = answers.get(request);
    if (answer == null) {
      return List.of(
          "error: unknown request '%s'; ask one of: %s"
              .formatted(request, String.join(", ", new TreeSet<>(answers.keySet()))));
    }
    try {
      return answer.lines();
    } catch (IOException e) {
      return List.of("error: " + e.getMessage());
    }
  }

  /** Up to the first line feed, or the end, or the longest line. */
  private static String readLine(UnixSocketChannel caller) throws IOException {
    ByteBuffer line = ByteBuffer.allocate(LONGEST_LINE);
    int end = -1;
    while (end < 0 && line.hasRemaining() && caller.read(line) > 0) {
      end = new String(line.array(), 0, line.position(), StandardCharsets.UTF_8).indexOf('\n');
    }
    return new String(line.array(), 0, line.position(), StandardCharsets.UTF_8)
        .lines()
        .findFirst()
        .orElse("")
        .strip();
  }

  private static void write(UnixSocketChannel caller, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining() && caller.write(bytes) > 0) {
      // A caller that does not read makes the write fail after the time-out.
    }
  }
}
