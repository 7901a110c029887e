// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import dev.culvert.cli.soak.Ending.How;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** One connection of the soak, from before it is opened to the line that tells of its end. */
final class Client {
  private static final ScheduledExecutorService ALARMS =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());

  /** Beyond anything that a healthy mesh on a busy machine takes, and beyond what lasts long. */
  private static final Duration PATIENCE = Duration.ofSeconds(150);

  private final long id;
  private final Job.Kind kind;
  private final String netns;
  private final String host;
  private final String expected;
  private final Duration longest;
  private final long began = System.nanoTime();
  private long greeted;
  private String server = "-";
  private volatile boolean late;
  private Conversation talk;

  private Client(String[] words) {
    this.id = Long.parseLong(words[1]);
    this.kind = Job.Kind.valueOf(words[2]);
    this.netns = words[3];
    this.host = words[4];
    this.expected = words[5];
    this.longest = Duration.ofSeconds(Long.parseLong(words[6]));
  }

  /** Words as {@link Job#line} writes them. */
  static void start(String[] words) {
    Thread.ofVirtual().start(new Client(words)::run);
  }

  private void run() {
    try {
      if (kind == Job.Kind.DNS) {
        Question.ask(netns, host, expected, id);
      } else {
        connect();
      }
      tell(How.DONE, "");
    } catch (WrongAnswerException e) {
      tell(How.WRONG, e.getMessage());
    } catch (IOException | RuntimeException e) {
      tell(late ? How.STALLED : failed(), String.valueOf(e.getMessage()));
    }
  }

  private How failed() {
    if (talk == null) {
      return How.UNREACHABLE;
    }
    return greeted == 0 ? How.REFUSED : How.CUT;
  }

  private void tell(How how, String detail) {
    long ended = talk == null ? System.nanoTime() : talk.endedAt();
    long sent = talk == null ? 0 : talk.sent();
    long verified = talk == null ? 0 : talk.verified();
    SoakApps.say(
        new Ending(id, began, greeted, ended, sent, verified, server, how, oneLine(detail)).line());
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }

  private void connect() throws IOException {
    SocketChannel connection = InNamespace.make(netns, SocketChannel::open);
    ScheduledFuture<?> alarm =
        ALARMS.schedule(() -> giveUp(connection), PATIENCE.toSeconds(), TimeUnit.SECONDS);
    try (connection) {
      open(connection);
      SoakApps.say("opened " + id);
      greet(connection);
      talk.start();
      converse();
    } finally {
      alarm.cancel(false);
    }
  }

  /** A reset may be quicker than connect(2): the kernel had opened the connection all the same. */
  private void open(SocketChannel connection) throws IOException {
    try {
      connection.connect(new InetSocketAddress(host, SoakApps.PORT));
      connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
      talk = new Conversation(connection, id);
    } catch (SocketException e) {
      if (!(e instanceof ConnectException) && !(e instanceof NoRouteToHostException)) {
        talk = new Conversation(connection, id);
      }
      throw e;
    }
  }

  private Void giveUp(SocketChannel connection) throws IOException {
    late = true;
    connection.close();
    return null;
  }

  /** The server names itself first: whoever cuts the connection can be found. */
  private void greet(SocketChannel connection) throws IOException {
    ByteBuffer name = ByteBuffer.allocate(EchoServer.GREETING);
    while (name.hasRemaining()) {
      if (connection.read(name) < 0) {
        throw new EOFException("ended before the server's first byte");
      }
      greeted = greeted == 0 ? System.nanoTime() : greeted;
    }
    server = new String(name.array(), StandardCharsets.US_ASCII).strip();
  }

  private void converse() throws IOException {
    SplittableRandom random = new SplittableRandom(id);
    switch (kind) {
      case SHORT, FORBIDDEN -> talk.exchange(1 + random.nextInt(8192));
      case CHATTY -> talk.messages(200, Duration.ZERO);
      case BULK -> talk.bothWays((2L << 20) + random.nextInt(6 << 20));
      case HALF_CLOSED -> talk.bothWays(1 + random.nextInt(256 * 1024));
      case IDLE -> talk.messages(2, longest.dividedBy(4));
      case LONG -> talk.messages(100, longest.dividedBy(100));
      case DNS -> throw new IllegalStateException("no connection: " + kind);
    }
    talk.finish();
  }
}
