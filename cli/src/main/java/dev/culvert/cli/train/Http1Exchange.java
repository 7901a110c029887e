// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.train;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.Locale;

/**
 * HTTP/1.1 (RFC 9112), one request after the other.
 *
 * @param requests on each connection, at least 1; every second one has a body
 */
record Http1Exchange(int requests) implements Exchange {
  private static final String LENGTH = "content-length:";

  /** The other end may close after an answer, as it does after it refused a request with a body. */
  @Override
  public int with(Socket connection, String host) throws IOException {
    InputStream in = new BufferedInputStream(connection.getInputStream());
    int status = 0;
    for (int i = 0; i < requests; i++) {
      connection.getOutputStream().write((i % 2 == 0 ? get(host) : post(host)).getBytes(US_ASCII));
      String first = line(in);
      if (first.isEmpty() && i > 0) {
        return status;
      }
      status = status(first);
      in.skipNBytes(length(in));
    }
    return status;
  }

  private static String get(String host) {
    return "GET /train?q=1 HTTP/1.1\r\nhost: %s\r\nuser-agent: train\r\naccept: */*\r\n\r\n"
        .formatted(host);
  }

  private static String post(String host) {
    return "POST /train HTTP/1.1\r\nhost: %s\r\ncontent-length: 5\r\n\r\nhello".formatted(host);
  }

  private static int status(String line) throws IOException {
    String[] words = line.split(" ", 3);
    if (words.length < 2) {
      throw new IOException("no answer of HTTP/1.1: '%s'".formatted(line));
    }
    return Integer.parseInt(words[1]);
  }

  private static long length(InputStream in) throws IOException {
    long length = 0;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      if (line.toLowerCase(Locale.ROOT).startsWith(LENGTH)) {
        length = Long.parseLong(line.substring(LENGTH.length()).strip());
      }
    }
    return length;
  }

  /** Without its end; empty at the end of all. */
  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.append((char) next);
    }
    return line.toString().strip();
  }
}
