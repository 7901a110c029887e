// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** One TCP connection as an app holds it: blocking, one reader and one writer at a time. */
public final class AppConnection implements AutoCloseable {
  private final SocketChannel channel;

  public AppConnection(SocketChannel channel) {
    this.channel = channel;
  }

  /** The peer's address as the app sees it. */
  public InetSocketAddress peer() throws IOException {
    return (InetSocketAddress) channel.getRemoteAddress();
  }

  /** The own address as the app sees it. */
  public InetSocketAddress local() throws IOException {
    return (InetSocketAddress) channel.getLocalAddress();
  }

  public SocketChannel channel() {
    return channel;
  }

  public void send(String text) throws IOException {
    send(ByteBuffer.wrap(text.getBytes(UTF_8)));
  }

  public void send(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Waits for exactly the bytes of the text's length. */
  public String receive(int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("ended after " + buffer.position() + " of " + length + " bytes");
      }
    }
    return new String(buffer.array(), UTF_8);
  }

  /** Reads what is there, at least one byte. Negative at the end of the stream. */
  public int read(ByteBuffer buffer) throws IOException {
    return channel.read(buffer);
  }

  /** Reads until the peer ends its half. */
  public String receiveAll() throws IOException {
    StringBuilder text = new StringBuilder();
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    while (channel.read(buffer) >= 0) {
      text.append(UTF_8.decode(buffer.flip()));
      buffer.clear();
    }
    return text.toString();
  }

  /** Says a line and waits for the same line. */
  public String echo(String text) throws IOException {
    send(text);
    return receive(text.getBytes(UTF_8).length);
  }

  /** Ends the own half; the peer may go on. */
  public void finish() throws IOException {
    channel.shutdownOutput();
  }

  /** Closes with RST: what was not read is lost. */
  public void reset() throws IOException {
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    channel.close();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
