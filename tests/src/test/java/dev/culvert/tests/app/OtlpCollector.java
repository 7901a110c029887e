// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.app;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An OpenTelemetry collector that keeps the log records it gets (opentelemetry/proto/logs/v1), by
 * the numbers of their fields.
 */
public final class OtlpCollector implements AutoCloseable {
  private static final int PORT = 4318;

  private final HttpServer server;
  private final List<LogRecord> records = new CopyOnWriteArrayList<>();

  /**
   * One line.
   *
   * @param resource who tells it
   */
  public record LogRecord(
      String severity, String body, Map<String, String> attributes, Map<String, String> resource) {}

  private OtlpCollector(HttpServer server) {
    this.server = server;
    server.createContext("/v1/logs", this::take);
    server.start();
  }

  /** Where its clients find it, at this address. */
  public static String endpoint(String address) {
    return "http://%s:%d/v1/logs".formatted(address, PORT);
  }

  /** Listens in the network namespace of the calling thread. */
  public static OtlpCollector start(String address) throws IOException {
    return new OtlpCollector(HttpServer.create(new InetSocketAddress(address, PORT), 0));
  }

  /** What came so far, the oldest first. */
  public List<LogRecord> records() {
    return records;
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      UnknownFieldSet request = UnknownFieldSet.parseFrom(exchange.getRequestBody());
      for (UnknownFieldSet of : messages(request, 1)) {
        Map<String, String> resource = attributes(messages(of, 1).getFirst(), 1);
        for (UnknownFieldSet scope : messages(of, 2)) {
          for (UnknownFieldSet record : messages(scope, 2)) {
            records.add(
                new LogRecord(
                    text(record, 3),
                    value(messages(record, 5).getFirst()),
                    attributes(record, 6),
                    resource));
          }
        }
      }
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private static Map<String, String> attributes(UnknownFieldSet of, int field)
      throws InvalidProtocolBufferException {
    Map<String, String> attributes = new HashMap<>();
    for (UnknownFieldSet pair : messages(of, field)) {
      attributes.put(text(pair, 1), value(messages(pair, 2).getFirst()));
    }
    return attributes;
  }

  /** A text or a whole number; there are no others in an access log. */
  private static String value(UnknownFieldSet any) {
    return any.hasField(1) ? text(any, 1) : any.getField(3).getVarintList().getFirst().toString();
  }

  private static String text(UnknownFieldSet of, int field) {
    return of.getField(field).getLengthDelimitedList().getFirst().toStringUtf8();
  }

  private static List<UnknownFieldSet> messages(UnknownFieldSet of, int field)
      throws InvalidProtocolBufferException {
    List<UnknownFieldSet> messages = new ArrayList<>();
    for (ByteString bytes : of.getField(field).getLengthDelimitedList()) {
      messages.add(UnknownFieldSet.parseFrom(bytes));
    }
    return messages;
  }
}
