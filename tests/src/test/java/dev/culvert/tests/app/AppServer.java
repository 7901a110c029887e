// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.app;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A listening app: every connection is served by its own virtual thread and closed when the service
 * returns or throws.
 */
public final class AppServer implements AutoCloseable {
  /** What the app does with one connection. */
  @FunctionalInterface
  public interface Service {
    /** Serves the connection until it is done with it. */
    void serve(AppConnection connection) throws IOException, InterruptedException;
  }

  private final ServerSocketChannel listener;
  private final Service service;
  private final Set<AppConnection> open = ConcurrentHashMap.newKeySet();
  private final BlockingQueue<InetSocketAddress> peers = new LinkedBlockingQueue<>();
  private final Thread acceptor;

  private AppServer(ServerSocketChannel listener, Service service) {
    this.listener = listener;
    this.service = service;
    this.acceptor = Thread.ofVirtual().name("app " + listener).unstarted(this::accept);
  }

  /** Takes a bound listener over. */
  public static AppServer start(ServerSocketChannel listener, Service service) {
    AppServer server = new AppServer(listener, service);
    server.acceptor.start();
    return server;
  }

  /** The address, as the app saw it, of the next client that was accepted. */
  public InetSocketAddress nextPeer() throws InterruptedException {
    InetSocketAddress peer = peers.poll(30, TimeUnit.SECONDS);
    if (peer == null) {
      throw new AssertionError("no client came within 30 s");
    }
    return peer;
  }

  /** How many clients were accepted and not yet asked for. */
  public int waitingPeers() {
    return peers.size();
  }

  /** How many connections are open now. */
  public int open() {
    return open.size();
  }

  /** Forgets the clients that nobody asked for. */
  public void forgetPeers() {
    peers.clear();
  }

  /** Resets every connection that is open now. */
  public void resetAll() throws IOException {
    for (AppConnection connection : open) {
      connection.reset();
    }
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel channel = listener.accept();
        Thread.ofVirtual().start(() -> serve(new AppConnection(channel)));
      }
    } catch (ClosedChannelException _) {
      // closed by the test
    } catch (IOException e) {
      throw new AssertionError("accept failed", e);
    }
  }

  private void serve(AppConnection connection) {
    open.add(connection);
    try (connection) {
      peers.add(connection.peer());
      service.serve(connection);
    } catch (IOException _) {
      // the other side broke off; a test that cares looks at the client
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(connection);
    }
  }

  /** The port is free when this returns: the kernel keeps it until accept() has ended. */
  @Override
  public void close() throws IOException {
    listener.close();
    try {
      acceptor.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (AppConnection connection : open) {
      connection.close();
    }
  }
}
