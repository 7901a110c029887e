// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.ztunnel.admin.HttpPort.Answer;
import dev.culvert.ztunnel.admin.HttpPort.Page;
import dev.culvert.ztunnel.peers.Await;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
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

  private static final int MIB = 1 << 20;

  /** More than sockets and buffers hold of what nobody reads. */
  private static final int MOST_PARTS = 256;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

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
                fails),
            new Turns(64, 64, PATIENCE));
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

  /** Or as many answers would be held as there are connections. */
  @Test
  void fewAnswersAreMadeAtATimeAndOneForEachAddress() throws Exception {
    var goOn = new CountDownLatch(1);
    var busy = new AtomicInteger();
    var most = new AtomicInteger();
    Page slow =
        question -> {
          most.accumulateAndGet(busy.incrementAndGet(), Math::max);
          await(goOn);
          busy.decrementAndGet();
          return Answer.text(200, "made");
        };
    List<Socket> clients = new ArrayList<>();
    try (HttpPort few =
        new HttpPort("few-port", ANY, Map.of("/slow", slow), new Turns(2, 1, PATIENCE))) {
      for (int i = 0; i < 8; i++) {
        clients.add(ask(few, "127.0.0.1"));
      }
      Await.until("the first is answered", () -> busy.get() == 1);
      clients.add(ask(few, "127.0.0.2"));
      Await.until("another address need not wait for them", () -> busy.get() == 2);
      clients.add(ask(few, "127.0.0.3"));
      goOn.countDown();
      for (Socket client : clients) {
        assertThat(statusOf(client)).isEqualTo("HTTP/1.1 200 OK");
      }
      assertThat(most).hasValue(2);
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  /** What it is in all need not be held. */
  @ParameterizedTest
  @ValueSource(strings = {"identity", "gzip"})
  void answerLeavesWhileItIsWritten(String accepted) throws Exception {
    byte[] part = new byte[MIB];
    var written = new AtomicInteger();
    Page endless =
        question ->
            Answer.written(
                "text/plain",
                out -> {
                  while (written.get() < MOST_PARTS) {
                    ThreadLocalRandom.current().nextBytes(part);
                    out.write(part);
                    written.incrementAndGet();
                  }
                });
    try (HttpPort one =
            new HttpPort("one-port", ANY, Map.of("/slow", endless), new Turns(1, 1, PATIENCE));
        Socket client = ask(one, "127.0.0.1", "Accept-Encoding: " + accepted + "\r\n")) {
      assertThat(client.getInputStream().readNBytes(2 * MIB)).hasSize(2 * MIB);
      assertThat(written.get()).isLessThan(MOST_PARTS);
    }
  }

  @Test
  void whoWaitsTooLongForATurnIsToldSo() throws Exception {
    var goOn = new CountDownLatch(1);
    var begun = new CountDownLatch(1);
    Page slow =
        question -> {
          begun.countDown();
          await(goOn);
          return Answer.text(200, "made");
        };
    try (HttpPort one =
            new HttpPort(
                "one-port", ANY, Map.of("/slow", slow), new Turns(1, 1, Duration.ofMillis(10)));
        Socket first = ask(one, "127.0.0.1")) {
      begun.await();
      try (Socket second = ask(one, "127.0.0.2")) {
        assertThat(statusOf(second)).isEqualTo("HTTP/1.1 503 Service Unavailable");
      }
      goOn.countDown();
      assertThat(statusOf(first)).isEqualTo("HTTP/1.1 200 OK");
    }
  }

  @Test
  void clientThatIsSlowToSendHasNoTurn() throws Exception {
    Page page = question -> Answer.text(200, "made");
    try (HttpPort one =
            new HttpPort(
                "one-port", ANY, Map.of("/slow", page), new Turns(1, 1, Duration.ofSeconds(1)));
        Socket slow = ask(one, "127.0.0.1", "Content-Length: 10\r\n")) {
      for (int i = 0; i < 20; i++) {
        try (Socket other = ask(one, "127.0.0.1")) {
          assertThat(statusOf(other)).isEqualTo("HTTP/1.1 200 OK");
        }
      }
      assertThat(slow.getInputStream().available()).isZero();
    }
  }

  private static void await(CountDownLatch goOn) {
    try {
      goOn.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Socket ask(HttpPort port, String from) throws IOException {
    return ask(port, from, "");
  }

  private static Socket ask(HttpPort port, String from, String header) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
    socket.connect(new InetSocketAddress(ANY.getAddress(), port.port()));
    socket
        .getOutputStream()
        .write(
            "GET /slow HTTP/1.1\r\nHost: test\r\n%s\r\n"
                .formatted(header)
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String statusOf(Socket socket) throws IOException {
    socket.setSoTimeout((int) PATIENCE.toMillis());
    var lines =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    return lines.readLine();
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

    assertThatThrownBy(() -> new HttpPort("stats-port", taken, Map.of(), new Turns(1, 1, PATIENCE)))
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
