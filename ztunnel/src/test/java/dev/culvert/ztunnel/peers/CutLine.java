// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.peers;

import dev.culvert.ztunnel.controlplane.Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A line to a server of this machine that breaks when told: all that is open ends, new may come.
 */
public final class CutLine implements AutoCloseable {
  private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
  private final ServerSocket listener;
  private volatile int server;

  public CutLine(int server) throws IOException {
    this.server = server;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** Where to connect to. */
  public Endpoint endpoint() {
    return new Endpoint("127.0.0.1", listener.getLocalPort());
  }

  /** Leads what connects from now on to that port. */
  public void lead(int next) {
    server = next;
  }

  /** Ends every connection that is open; one that comes meanwhile stays. */
  public void cut() {
    List<Socket> now = List.copyOf(open);
    open.removeAll(now);
    now.forEach(CutLine::close);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut();
  }

  private void accept() {
    try {
      while (true) {
        Socket near = listener.accept();
        Socket far = new Socket(InetAddress.getLoopbackAddress(), server);
        open.add(near);
        open.add(far);
        Thread.ofVirtual().start(() -> pump(near, far));
        Thread.ofVirtual().start(() -> pump(far, near));
      }
    } catch (IOException e) {
      // The listener was closed.
    }
  }

  private static void pump(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // It was cut.
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
