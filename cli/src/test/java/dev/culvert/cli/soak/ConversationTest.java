// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over loopback, with servers that echo well or badly. */
class ConversationTest {
  private ServerSocketChannel listener;
  private SocketChannel client;
  private SocketChannel server;
  private Conversation talk;

  @BeforeEach
  void connect() throws IOException {
    listener =
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    client = SocketChannel.open(listener.getLocalAddress());
    server = listener.accept();
    talk = new Conversation(client, 42);
    talk.start();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
    listener.close();
  }

  @Test
  void echoIsVerifiedToTheLastByte() throws Exception {
    echo(Long.MAX_VALUE, -1);
    talk.exchange(5_000);
    talk.messages(20, Duration.ofMillis(1));
    talk.bothWays(3 << 20);
    talk.finish();

    assertThat(talk.verified()).isEqualTo(talk.sent()).isEqualTo(5_000 + 20 * 64 + (3 << 20));
  }

  @Test
  void wrongByteFound() {
    echo(Long.MAX_VALUE, 70_000);

    assertThatThrownBy(() -> talk.bothWays(1 << 20))
        .isInstanceOf(WrongAnswerException.class)
        .hasMessage("wrong byte at 70000");
  }

  @Test
  void byteTooManyFound() throws Exception {
    echo(Long.MAX_VALUE, -1);
    talk.exchange(100);
    server.write(ByteBuffer.allocate(1));

    assertThatThrownBy(() -> talk.finish())
        .isInstanceOf(WrongAnswerException.class)
        .hasMessage("more came back than the 100 sent");
  }

  @Test
  void endBeforeAllIsBackIsNoGoodEnd() {
    echo(1_000, -1);

    assertThatThrownBy(() -> talk.exchange(2_000)).isInstanceOf(EOFException.class);
    assertThat(talk.verified()).isEqualTo(1_000);
  }

  @Test
  void endIsNoticedInASilence() throws Exception {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                ByteBuffer message = ByteBuffer.allocate(64);
                while (message.hasRemaining()) {
                  server.read(message);
                }
                server.write(message.flip());
                server.close();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    long before = System.nanoTime();

    assertThatThrownBy(() -> talk.messages(2, Duration.ofHours(1))).isInstanceOf(IOException.class);
    assertThat(talk.endedAt()).isBetween(before, System.nanoTime());
  }

  /**
   * Echoes.
   *
   * @param most bytes after which the server ends
   * @param flipped the position of a byte that it changes; -1 for none
   */
  private void echo(long most, long flipped) {
    Thread.ofVirtual()
        .start(
            () -> {
              ByteBuffer buffer = ByteBuffer.allocate(16 * 1024);
              long at = 0;
              try {
                while (at < most && server.read(buffer) >= 0) {
                  buffer.flip().limit((int) Math.min(buffer.limit(), most - at));
                  if (flipped >= at && flipped < at + buffer.limit()) {
                    int index = (int) (flipped - at);
                    buffer.put(index, (byte) ~buffer.get(index));
                  }
                  at += buffer.limit();
                  while (buffer.hasRemaining()) {
                    server.write(buffer);
                  }
                  buffer.clear();
                }
                server.shutdownOutput();
              } catch (IOException e) {
                // The client has seen enough.
              }
            });
  }
}
