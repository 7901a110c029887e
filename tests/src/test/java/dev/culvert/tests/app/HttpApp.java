// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** HTTP/1.1 by hand: what an app is asked, and what a client is answered. */
public final class HttpApp {
  private HttpApp() {}

  /** A head and its body. */
  public record Message(String line, List<String> fields, String body) {
    /** The first value of a field. */
    public Optional<String> field(String name) {
      String prefix = name.toLowerCase(Locale.ROOT) + ":";
      return fields.stream()
          .filter(field -> field.toLowerCase(Locale.ROOT).startsWith(prefix))
          .map(field -> field.substring(prefix.length()).strip())
          .findFirst();
    }

    /** Of a response. */
    public int status() {
      return Integer.parseInt(line.split(" ", 3)[1]);
    }
  }

  /** Answers each request with its own name, and the request's line and fields. */
  public static AppServer.Service named(String name) {
    return connection -> {
      while (true) {
        Message asked = read(connection);
        String body = name + "\n" + asked.line() + "\n" + String.join("\n", asked.fields());
        connection.send(
            "HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s".formatted(body.length(), body));
      }
    };
  }

  /** Answers each request with a status and nothing else. */
  public static AppServer.Service failing(int status) {
    return connection -> {
      while (true) {
        read(connection);
        connection.send("HTTP/1.1 %d No\r\ncontent-length: 0\r\n\r\n".formatted(status));
      }
    };
  }

  /** Asks once on an open connection. */
  public static Message get(AppConnection connection, String path, String... fields)
      throws IOException {
    StringBuilder request = new StringBuilder("GET %s HTTP/1.1\r\nhost: shop\r\n".formatted(path));
    for (String field : fields) {
      request.append(field).append("\r\n");
    }
    connection.send(request.append("\r\n").toString());
    return read(connection);
  }

  /** Reads a message with a content-length, or none. */
  public static Message read(AppConnection connection) throws IOException {
    String line = line(connection);
    List<String> fields = new ArrayList<>();
    for (String field = line(connection); !field.isEmpty(); field = line(connection)) {
      fields.add(field);
    }
    Message head = new Message(line, fields, "");
    int length = head.field("content-length").map(Integer::parseInt).orElse(0);
    return new Message(line, fields, length == 0 ? "" : connection.receive(length));
  }

  private static String line(AppConnection connection) throws IOException {
    StringBuilder line = new StringBuilder();
    ByteBuffer one = ByteBuffer.allocate(1);
    while (line.isEmpty() || line.charAt(line.length() - 1) != '\n') {
      if (connection.read(one.clear()) < 0) {
        throw new EOFException("ended after '" + line + "'");
      }
      line.append(ISO_8859_1.decode(one.flip()));
    }
    return line.toString().strip();
  }
}
