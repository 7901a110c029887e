// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** HTTP/1.1 in TLS that the app ends itself. */
public final class HttpsApp {
  private HttpsApp() {}

  /**
   * Answers each request with its own name, and the request's line and fields.
   *
   * @param context with what it shows to clients
   */
  public static AppServer.Service named(String name, SSLContext context) {
    return named(name, context, false);
  }

  /**
   * The same.
   *
   * @param proved whether clients must show a certificate; it is not verified
   */
  public static AppServer.Service named(String name, SSLContext context, boolean proved) {
    return connection -> {
      try (SSLSocket socket =
          (SSLSocket)
              context
                  .getSocketFactory()
                  .createSocket(connection.channel().socket(), "client", 0, true)) {
        socket.setUseClientMode(false);
        socket.setNeedClientAuth(proved);
        BufferedReader in =
            new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
        while (answer(name, in, socket.getOutputStream())) {}
      }
    };
  }

  private static boolean answer(String name, BufferedReader in, OutputStream out)
      throws IOException {
    List<String> head = new ArrayList<>();
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      head.add(line);
    }
    if (head.isEmpty()) {
      return false;
    }
    String body = name + "\n" + String.join("\n", head);
    out.write(
        "HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s"
            .formatted(body.length(), body)
            .getBytes(ISO_8859_1));
    out.flush();
    return true;
  }
}
