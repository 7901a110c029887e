// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One listening port with a few fixed pages. Each request has a virtual thread: a client that is
 * slow, or stays silent, keeps nobody waiting and is cut off after a while.
 */
final class HttpPort implements AutoCloseable {
  static {
    limit("jdk.httpserver.maxConnections", 256);
    limit("sun.net.httpserver.maxReqTime", 10);
    limit("sun.net.httpserver.maxRspTime", 30);
  }

  private static final Logger LOG = LoggerFactory.getLogger(HttpPort.class);
  private static final int BACKLOG = 32;

  /** What a page is asked: the method, and the query after the {@code ?}, if any. */
  record Question(String method, Optional<String> query) {
    boolean isGet() {
      return method.equals("GET");
    }

    boolean isPost() {
      return method.equals("POST");
    }
  }

  /** Writes the body of an answer, which may be more than one wants to hold at once. */
  @FunctionalInterface
  interface Body {
    /** The caller closes. */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * What a page answers.
   *
   * @param written sent instead of the body, as it is written
   * @param file the same, and deleted
   */
  record Answer(
      int status, String contentType, String body, Optional<Body> written, Optional<Path> file) {
    Answer(int status, String contentType, String body) {
      this(status, contentType, body, Optional.empty(), Optional.empty());
    }

    static Answer written(String contentType, Body body) {
      return new Answer(200, contentType, "", Optional.of(body), Optional.empty());
    }

    static Answer text(int status, String body) {
      return new Answer(status, "text/plain; charset=utf-8", body);
    }

    static Answer file(String contentType, Path file) {
      return new Answer(200, contentType, "", Optional.empty(), Optional.of(file));
    }
  }

  /** One path. Runs on the port's threads. */
  interface Page {
    Answer answer(Question question);
  }

  private final HttpServer server;
  private final ExecutorService threads;

  /**
   * @param pages by exact path
   * @param turns of its clients
   * @throws IOException when the address cannot be listened on; names the setting
   */
  HttpPort(String setting, InetSocketAddress address, Map<String, Page> pages, Turns turns)
      throws IOException {
    try {
      server = HttpServer.create(address, BACKLOG);
    } catch (IOException e) {
      throw new IOException(
          "cannot listen on %s: %s; is another proxy here? Set %s to a free port, or 0 for any"
              .formatted(address, e.getMessage(), setting),
          e);
    }
    threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name(setting + "-", 0).factory());
    server.setExecutor(threads);
    server.createContext("/", exchange -> serve(exchange, pages, turns));
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  /** The JDK's server knows its limits, in seconds, by properties only. */
  private static void limit(String property, int value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(value));
    }
  }

  private static void serve(HttpExchange exchange, Map<String, Page> pages, Turns turns)
      throws IOException {
    try (exchange) {
      // What a client sends beside, for as long as it may, it sends before its turn.
      exchange.getRequestBody().close();
      Optional<Turns.Turn> turn = turns.take(exchange.getRemoteAddress().getAddress());
      if (turn.isEmpty()) {
        send(exchange, Answer.text(503, "busy: too many ask at once; ask again\n"));
        return;
      }
      try (Turns.Turn _ = turn.get()) {
        send(exchange, answer(exchange, pages));
      }
    }
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", answer.contentType());
    if (answer.file().isPresent()) {
      sendAndDelete(exchange, answer, answer.file().get());
    } else if (answer.written().isPresent()) {
      sendAsWritten(exchange, answer, answer.written().get());
    } else {
      sendBody(exchange, answer);
    }
  }

  private static void sendAsWritten(HttpExchange exchange, Answer answer, Body body)
      throws IOException {
    boolean gzip = Gzip.isFor(accepted(exchange));
    if (gzip) {
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
    }
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(answer.status(), head ? -1 : 0);
    if (!head) {
      OutputStream plain = exchange.getResponseBody();
      try (OutputStream out = gzip ? Gzip.compressing(plain) : new BufferedOutputStream(plain)) {
        body.writeTo(out);
      }
    }
  }

  private static void sendBody(HttpExchange exchange, Answer answer) throws IOException {
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    if (Gzip.isFor(accepted(exchange), body.length)) {
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
      body = Gzip.compressed(body);
    }
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(answer.status(), head || body.length == 0 ? -1 : body.length);
    if (!head) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  private static List<String> accepted(HttpExchange exchange) {
    return exchange.getRequestHeaders().getOrDefault("Accept-Encoding", List.of());
  }

  private static void sendAndDelete(HttpExchange exchange, Answer answer, Path file)
      throws IOException {
    try {
      exchange.sendResponseHeaders(answer.status(), Files.size(file));
      try (OutputStream out = exchange.getResponseBody()) {
        Files.copy(file, out);
      }
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static Answer answer(HttpExchange exchange, Map<String, Page> pages) {
    String path = exchange.getRequestURI().getPath();
    Page page = pages.get(path);
    if (page == null) {
      return Answer.text(
          404, "no such page; there are: " + String.join(" ", pages.keySet()) + "\n");
    }
    String query = exchange.getRequestURI().getQuery();
    try {
      return page.answer(new Question(exchange.getRequestMethod(), Optional.ofNullable(query)));
    } catch (RuntimeException e) {
      LOG.error("page {} failed", path, e);
      return Answer.text(500, "failed: " + e + "\n");
    }
  }
}
