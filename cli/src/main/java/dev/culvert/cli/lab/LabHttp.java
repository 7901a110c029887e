// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * A question to a daemon's own endpoints on 127.0.0.1 of a namespace. The JDK's clients keep
 * connections by address, which would mix up namespaces.
 *
 * @param status the HTTP status code
 * @param body what came after the head, not decoded further
 */
public record LabHttp(int status, String body) {
  private static final int TIMEOUT_MILLIS = 10_000;

  /**
   * Asks once.
   *
   * @throws IOException when nothing listens or the answer is no HTTP
   */
  public static LabHttp get(LabPlace place, int port, String path) throws IOException {
    return ask("GET", place, port, path);
  }

  /** Changes something by a POST without a body; throws as {@link #get}. */
  public static LabHttp post(LabPlace place, int port, String path) throws IOException {
    return ask("POST", place, port, path);
  }

  private static LabHttp ask(String method, LabPlace place, int port, String path)
      throws IOException {
    Socket socket = place.call(() -> connect(port));
    try (socket) {
      String request = "%s %s HTTP/1.0\r\nHost: localhost\r\n\r\n".formatted(method, path);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return parse(
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8),
          "127.0.0.1:%d%s".formatted(port, path));
    }
  }

  private static Socket connect(int port) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static LabHttp parse(String answer, String asked) throws IOException {
    int head = answer.indexOf("\r\n\r\n");
    String[] first = answer.split(" ", 3);
    if (head < 0 || first.length < 3 || !first[0].startsWith("HTTP/")) {
      throw new IOException("%s: the answer is not HTTP".formatted(asked));
    }
    return new LabHttp(Integer.parseInt(first[1]), answer.substring(head + 4));
  }
}
