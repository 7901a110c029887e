// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** Two engines that talk through memory. */
final class Handshake {
  final SSLEngine client;
  final SSLEngine server;
  private final ByteBuffer toServer = ByteBuffer.allocate(1 << 16);
  private final ByteBuffer toClient = ByteBuffer.allocate(1 << 16);
  byte[] clientHello = {};
  byte[] serverHello = {};
  private final SSLException failure = new SSLException("the handshake failed");
  int afterHandshake;

  Handshake(SSLEngine client, SSLEngine server) {
    this.client = client;
    this.server = server;
  }

  void run() throws SSLException {
    client.beginHandshake();
    server.beginHandshake();
    for (int round = 0; round < 60; round++) {
      step(client, toClient, toServer);
      clientHello = clientHello.length == 0 ? copy(toServer) : clientHello;
      boolean done = isDone(client);
      int before = toClient.position();
      step(server, toServer, toClient);
      serverHello = serverHello.length == 0 ? copy(toClient) : serverHello;
      afterHandshake += done ? toClient.position() - before : 0;
    }
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
    assertThat(isDone(client) && isDone(server)).isTrue();
  }

  /** Something of the app, and with it what the server's TLS had to say before. */
  void tellClient() throws SSLException {
    server.wrap(ByteBuffer.wrap(new byte[] {1}), toClient);
    toClient.flip();
    while (toClient.hasRemaining()) {
      client.unwrap(toClient, ByteBuffer.allocate(1 << 16));
      runTasks(client);
    }
    toClient.clear();
  }

  /** The side that refuses says why only after its alert is out: both go on after a failure. */
  private void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) {
    try {
      runTasks(engine);
      in.flip();
      if (in.hasRemaining()) {
        engine.unwrap(in, ByteBuffer.allocate(1 << 16));
      }
    } catch (SSLException e) {
      failure.addSuppressed(e);
    } finally {
      in.compact();
    }
    try {
      runTasks(engine);
      engine.wrap(ByteBuffer.allocate(0), out);
    } catch (SSLException e) {
      failure.addSuppressed(e);
    }
  }

  private static void runTasks(SSLEngine engine) {
    for (Runnable task = engine.getDelegatedTask(); task != null; ) {
      task.run();
      task = engine.getDelegatedTask();
    }
  }

  private static boolean isDone(SSLEngine engine) {
    return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
        && engine.getSession().getProtocol().equals("TLSv1.3");
  }

  private static byte[] copy(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.position()];
    buffer.get(0, bytes);
    return bytes;
  }
}
