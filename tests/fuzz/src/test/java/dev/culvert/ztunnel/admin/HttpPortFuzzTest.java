// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** Bytes that arrive on an admin port. */
class HttpPortFuzzTest {
  private static final String GOOD = "GET /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  private static final HttpPort PORT = start();

  /** Whatever came, the next client is answered. */
  @FuzzTest
  void request(byte[] input) throws IOException {
    String answer = send(input);
    assertThat(answer.isEmpty() || answer.startsWith("HTTP/1.")).as(answer).isTrue();
    assertThat(answer).doesNotContain("dev.culvert");
    assertThat(send(GOOD.getBytes(StandardCharsets.US_ASCII))).startsWith("HTTP/1.1 200 ");
  }

  private static String send(byte[] input) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), PORT.port())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(input);
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (SocketException reset) {
      return "";
    }
  }

  private static HttpPort start() {
    try {
      return new HttpPort(
          "fuzzed-port",
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
          Map.of("/page", question -> HttpPort.Answer.text(200, question.query().orElse("none"))),
          new Turns(64, 64, Duration.ofSeconds(30)));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
