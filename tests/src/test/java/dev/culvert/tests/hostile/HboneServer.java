// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/**
 * The server end of HBONE, played by hand: a waypoint, or the gateway of a network. It keeps what
 * it was asked for. An app's listener hands it its connections.
 */
public final class HboneServer implements AppServer.Service {
  /** What is done with a CONNECT that was answered with 200. */
  @FunctionalInterface
  public interface Behind {
    /** Begins one; what the client sends goes to the result. */
    Exchange begin(Asked asked, Back back) throws IOException;
  }

  /** Sends to the client of one stream. Any thread. */
  public interface Back {
    /** In one frame, however long. */
    void send(byte[] bytes) throws IOException;

    void end() throws IOException;

    /** RST_STREAM. */
    void reset(int errorCode) throws IOException;

    /** Any frames, as they are. */
    void flood(byte[] frames) throws IOException;

    /** GOAWAY: this stream is the last that counts. */
    void goAway() throws IOException;
  }

  /** Takes what a client sends in one stream. */
  public interface Exchange {
    void data(byte[] bytes) throws IOException;

    /** The client ended its half. */
    void end() throws IOException;

    /** The stream, or all of the connection, broke off. */
    void broken() throws IOException;
  }

  private final SSLContext context;
  private final Manner manner;
  private final Behind behind;
  private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger proofs;

  private HboneServer(PeerCertificate certificate, Manner manner, Behind behind) {
    AtomicInteger counted = new AtomicInteger();
    this.context = PeerCertificate.context(() -> certificate, counted::incrementAndGet);
    this.proofs = counted;
    this.manner = manner;
    this.behind = behind;
  }

  /** Answers itself: what comes goes back. */
  public static HboneServer echo(PeerCertificate certificate) {
    return echo(certificate, Manner.plain());
  }

  /** The same in another manner. */
  public static HboneServer echo(PeerCertificate certificate, Manner manner) {
    return new HboneServer(certificate, manner, (_, back) -> new Echo(back));
  }

  /** Does what the test says with each stream. */
  public static HboneServer with(PeerCertificate certificate, Behind behind) {
    return new HboneServer(certificate, Manner.plain(), behind);
  }

  /** Sends back what comes. */
  public static Exchange echoing(Back back) {
    return new Echo(back);
  }

  /** Answers nothing, and hands over what came when the client has ended its half. */
  public static Exchange listening(Consumer<String> heard) {
    return new Listening(heard, new StringBuilder());
  }

  /** Hands what is in a stream to a connection of its own, and back. */
  public static HboneServer forward(PeerCertificate certificate, Dial dial) {
    return new HboneServer(
        certificate, Manner.plain(), (_, back) -> new Forward(dial.connect(), back));
  }

  /** Opens a connection to what is behind a gateway. */
  @FunctionalInterface
  public interface Dial {
    AppConnection connect() throws IOException;
  }

  @Override
  public void serve(AppConnection connection) throws IOException {
    connections.incrementAndGet();
    open.incrementAndGet();
    try {
      HboneSession.serve(connection.channel(), context, manner, behind, asked::add);
    } finally {
      open.decrementAndGet();
    }
  }

  /** How many connections came. */
  public int connections() {
    return connections.get();
  }

  /** How many connections are open now. */
  public int open() {
    return open.get();
  }

  /** How many of them showed a certificate, and did not resume a session. */
  public int proofs() {
    return proofs.get();
  }

  /** What it was asked for next. */
  public Asked next() throws InterruptedException {
    Asked next = asked.poll(30, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nobody asked for anything within 30 s");
    }
    return next;
  }

  /** How often it was asked for something that nobody looked at yet. */
  public int waiting() {
    return asked.size();
  }

  /** Forgets what it was asked for. */
  public void forget() {
    asked.clear();
  }

  private record Echo(Back back) implements Exchange {
    @Override
    public void data(byte[] bytes) throws IOException {
      back.send(bytes);
    }

    @Override
    public void end() throws IOException {
      back.end();
    }

    @Override
    public void broken() {}
  }

  private record Listening(Consumer<String> heard, StringBuilder text) implements Exchange {
    @Override
    public void data(byte[] bytes) {
      text.append(new String(bytes, StandardCharsets.UTF_8));
    }

    @Override
    public void end() {
      heard.accept(text.toString());
    }

    @Override
    public void broken() {}
  }
}
