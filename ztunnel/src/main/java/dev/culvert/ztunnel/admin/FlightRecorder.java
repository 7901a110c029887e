// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import dev.culvert.ztunnel.admin.HttpPort.Answer;
import dev.culvert.ztunnel.admin.HttpPort.Question;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;

/** Records what the process does for some seconds; the answer opens in JDK Mission Control. */
final class FlightRecorder implements HttpPort.Page {
  private static final String PARAMETER = "seconds=";
  private static final int STANDARD_SECONDS = 10;

  /** An answer must be out 30 seconds after it was asked for, see {@link HttpPort}. */
  private static final int MAX_SECONDS = 25;

  private static final long MAX_BYTES = 64 << 20;

  private final Semaphore running;

  /**
   * @param running one permit: a second recording would see the first
   */
  FlightRecorder(Semaphore running) {
    this.running = running;
  }

  @Override
  public Answer answer(Question question) {
    if (!question.isGet()) {
      return Answer.text(405, "GET records\n");
    }
    int seconds;
    try {
      seconds = seconds(question.query().orElse(PARAMETER + STANDARD_SECONDS));
    } catch (IllegalArgumentException e) {
      return Answer.text(400, "GET ?seconds=1 to %d\n".formatted(MAX_SECONDS));
    }
    if (!running.tryAcquire()) {
      return Answer.text(409, "a recording runs already; ask again later\n");
    }
    try {
      return Answer.file("application/octet-stream", record(Duration.ofSeconds(seconds)));
    } catch (IOException | ParseException e) {
      return Answer.text(500, "cannot record: " + e.getMessage() + "\n");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Answer.text(503, "the proxy ends\n");
    } finally {
      running.release();
    }
  }

  private static int seconds(String query) {
    int seconds = query.startsWith(PARAMETER) ? Integer.parseInt(query, 8, query.length(), 10) : 0;
    if (seconds < 1 || seconds > MAX_SECONDS) {
      throw new IllegalArgumentException("out of range");
    }
    return seconds;
  }

  private static Path record(Duration length)
      throws IOException, ParseException, InterruptedException {
    Path file = Files.createTempFile("culvert", ".jfr");
    try (Recording recording = new Recording(Configuration.getConfiguration("profile"))) {
      recording.setMaxSize(MAX_BYTES);
      recording.start();
      Thread.sleep(length);
      recording.stop();
      recording.dump(file);
      return file;
    } catch (IOException | InterruptedException | RuntimeException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }
}
