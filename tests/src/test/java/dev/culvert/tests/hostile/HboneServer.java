// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The server end of HBONE, played by hand: a waypoint, or the gateway of a network. It keeps what
 * it was asked for. An app's listener hands it its connections.
 */
public final class HboneServer implements AppServer.Service {
  /** What is done with a CONNECT that was answered with 200. */
  @FunctionalInterface
  public interface Behind {
    /** Begins one; what the client sends goes to the result. */
    Exchange begin(Asked asked, HboneSession.Back back) throws IOException;
  }

  /** Takes what a client sends in one stream. */
  public interface Exchange {
    void data(byte[] bytes) throws IOException;

    /** The client ended its half. */
    void end() throws IOException;

    /** The stream, or all of the connection, broke off. */
    void broken() throws IOException;
  }

  private final PeerCertificate certificate;
  private final Behind behind;
  private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();

  private HboneServer(PeerCertificate certificate, Behind behind) {
    this.certificate = certificate;
    this.behind = behind;
  }

  /** Answers itself: what comes goes back. */
  public static HboneServer echo(PeerCertificate certificate) {
    return new HboneServer(certificate, (_, back) -> new Echo(back));
  }

  /** Hands what is in a stream to a connection of its own, and back. */
  public static HboneServer forward(PeerCertificate certificate, Dial dial) {
    return new HboneServer(certificate, (_, back) -> new Forward(dial.connect(), back));
  }

  /** Opens a connection to what is behind a gateway. */
  @FunctionalInterface
  public interface Dial {
    AppConnection connect() throws IOException;
  }

  @Override
  public void serve(AppConnection connection) throws IOException {
    HboneSession.serve(connection.channel(), certificate, behind, asked::add);
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

  private record Echo(HboneSession.Back back) implements Exchange {
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
}
