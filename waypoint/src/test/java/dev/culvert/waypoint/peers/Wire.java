// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.peers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** HTTP/1 by hand over a socket: what is written goes out as it is. */
public final class Wire implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  public Wire(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    this.in = new BufferedInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  public static Wire to(InetSocketAddress address) throws IOException {
    return new Wire(new Socket(address.getAddress(), address.getPort()));
  }

  /** A head with its body. */
  public record Message(String line, List<String> fields, String body, List<String> trailers) {
    public Optional<String> field(String name) {
      String prefix = name.toLowerCase(Locale.ROOT) + ":";
      return fields.stream()
          .filter(field -> field.toLowerCase(Locale.ROOT).startsWith(prefix))
          .map(field -> field.substring(prefix.length()).strip())
          .findFirst();
    }

    public int status() {
      return Integer.parseInt(line.split(" ", 3)[1]);
    }
  }

  public Wire send(String text) throws IOException {
    return send(text.getBytes(ISO_8859_1));
  }

  public Wire send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  /** A request with its body, or a response to anything but HEAD. */
  public Message read() throws IOException {
    Message head = readHead();
    if (head.field("transfer-encoding").isPresent()) {
      return chunked(head);
    }
    Optional<String> length = head.field("content-length");
    if (length.isPresent()) {
      return new Message(head.line, head.fields, text(Integer.parseInt(length.get())), List.of());
    }
    boolean toTheEnd =
        head.line.startsWith("HTTP/1") && head.status() >= 200 && head.status() != 204;
    return toTheEnd ? new Message(head.line, head.fields, rest(), List.of()) : head;
  }

  public Message readHead() throws IOException {
    String line = line();
    return new Message(line, fields(), "", List.of());
  }

  private Message chunked(Message head) throws IOException {
    StringBuilder body = new StringBuilder();
    int size = chunkSize();
    while (size > 0) {
      body.append(text(size));
      line();
      size = chunkSize();
    }
    return new Message(head.line, head.fields, body.toString(), fields());
  }

  /** The chunks of a body, as they came. */
  public List<String> chunks() throws IOException {
    List<String> chunks = new ArrayList<>();
    int size = chunkSize();
    while (size > 0) {
      chunks.add(text(size));
      line();
      size = chunkSize();
    }
    fields();
    return chunks;
  }

  private int chunkSize() throws IOException {
    return Integer.parseInt(line(), 16);
  }

  private List<String> fields() throws IOException {
    List<String> fields = new ArrayList<>();
    String field = line();
    while (!field.isEmpty()) {
      fields.add(field);
      field = line();
    }
    return fields;
  }

  public String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int c = in.read();
    while (c >= 0 && c != '\n') {
      line.write(c);
      c = in.read();
    }
    if (c < 0) {
      throw new EOFException("the peer closed after '" + line.toString(ISO_8859_1) + "'");
    }
    return line.toString(ISO_8859_1).strip();
  }

  public String text(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("%d of %d bytes".formatted(bytes.length, length));
    }
    return new String(bytes, ISO_8859_1);
  }

  /** Up to the end of the connection. */
  public String rest() throws IOException {
    return new String(in.readAllBytes(), ISO_8859_1);
  }

  /** Whether the peer closed, orderly or not, without another byte. */
  public boolean isEnded() throws IOException {
    try {
      return in.read() < 0;
    } catch (java.net.SocketException e) {
      return true;
    }
  }

  public void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Closes with a reset. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
