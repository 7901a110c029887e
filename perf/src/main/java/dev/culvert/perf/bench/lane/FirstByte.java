// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.locks.LockSupport;

/** A program that asks a server again and again until it is answered, and says when that was. */
public final class FirstByte {
  static final String REFUSED = "refused";
  static final String ANSWERED = "answered";
  private static final int TIMEOUT_MILLIS = 500;
  private static final long PAUSE = Duration.ofMillis(2).toNanos();
  private static final byte[] REQUEST =
      "GET /64 HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private FirstByte() {}

  /** Arguments: address, port. */
  public static void main(String[] arguments) {
    InetSocketAddress to = new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
    boolean told = false;
    while (!answers(to)) {
      if (!told) {
        System.out.println(REFUSED);
        told = true;
      }
      LockSupport.parkNanos(PAUSE);
    }
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    System.out.printf("%s micros=%d%n", ANSWERED, micros);
  }

  private static boolean answers(InetSocketAddress to) {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(to, TIMEOUT_MILLIS);
      socket.getOutputStream().write(REQUEST);
      return socket.getInputStream().read() >= 0;
    } catch (IOException e) {
      return false;
    }
  }
}
