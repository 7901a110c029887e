// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.ztunnel.admin.HttpPort.Answer;
import dev.culvert.ztunnel.admin.HttpPort.Page;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpPortTest {
  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private static final String LONG = "istio_tcp_sent_bytes_total 1.0\n".repeat(1_000);

  private HttpPort port;

  @BeforeEach
  void start() throws IOException {
    Page fails =
        question -> {
          throw new IllegalStateException("broken page");
        };
    port =
        new HttpPort(
            "test-port",
            ANY,
            Map.of(
                "/hello",
                question -> Answer.text(200, question.method() + question.query().orElse("")),
                "/long",
                question -> Answer.text(200, LONG),
                "/fails",
                fails));
  }

  @AfterEach
  void stop() {
    port.close();
  }

  @Test
  void pageAnswersMethodAndQuery() throws Exception {
    assertThat(send("POST", "/hello?level=info").body()).isEqualTo("POSTlevel=info");
  }

  @Test
  void unknownPathNamesTheKnown() throws Exception {
    HttpResponse<String> answer = send("GET", "/hello/there");

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).contains("/hello");
  }

  @Test
  void headHasNoBody() throws Exception {
    assertThat(send("HEAD", "/hello").body()).isEmpty();
  }

  @Test
  void failingPageIsAnError() throws Exception {
    assertThat(send("GET", "/fails").statusCode()).isEqualTo(500);
    assertThat(send("GET", "/hello").statusCode()).isEqualTo(200);
  }

  @Test
  void silentClientsKeepNobodyWaiting() throws Exception {
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 50; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port.port());
        socket.getOutputStream().write("GET /hel".getBytes(StandardCharsets.US_ASCII));
        silent.add(socket);
      }
      assertThat(send("GET", "/hello").statusCode()).isEqualTo(200);
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate, gzip;q=0.5, br", "GZIP"})
  void longAnswerIsCompressedForWhoTakesIt(String accepted) throws Exception {
    HttpResponse<byte[]> answer = get("/long", accepted);
    assertThat(answer.headers().firstValue("Content-Encoding")).hasValue("gzip");
    assertThat(answer.body()).hasSizeLessThan(LONG.length() / 50);
    try (InputStream body = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
      assertThat(body).hasContent(LONG);
    }
    assertThat(get("/hello", accepted).headers().firstValue("Content-Encoding")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity", "gzip;q=0", "deflate, gzip; q = 0.00", "*", "xgzip"})
  void longAnswerIsAsItIsForOthers(String accepted) throws Exception {
    HttpResponse<byte[]> answer = get("/long", accepted);
    assertThat(answer.headers().firstValue("Content-Encoding")).isEmpty();
    assertThat(answer.body()).asString(StandardCharsets.UTF_8).isEqualTo(LONG);
  }

  private HttpResponse<byte[]> get(String path, String accepted) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:%d%s".formatted(port.port(), path));
      HttpRequest request = HttpRequest.newBuilder(uri).header("Accept-Encoding", accepted).build();
      return client.send(request, BodyHandlers.ofByteArray());
    }
  }

  @Test
  void takenPortNamesTheSetting() {
    InetSocketAddress taken = new InetSocketAddress(ANY.getAddress(), port.port());

    assertThatThrownBy(() -> new HttpPort("stats-port", taken, Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Set stats-port to a free port");
  }

  private HttpResponse<String> send(String method, String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:%d%s".formatted(port.port(), path));
      HttpRequest request =
          HttpRequest.newBuilder(uri).method(method, BodyPublishers.noBody()).build();
      return client.send(request, BodyHandlers.ofString());
    }
  }
}
