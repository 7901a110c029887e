// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A backend that does with each connection what it is told to. */
public final class Backend implements AutoCloseable {

  /** What it does with a connection. */
  @FunctionalInterface
  public interface Script {
    void run(Wire connection) throws IOException;
  }

  private final ServerSocket server;
  private final Script script;
  private final AtomicInteger connections = new AtomicInteger();
  private final List<Wire.Message> requests = new CopyOnWriteArrayList<>();
  private final Thread accepting;

  private Backend(ServerSocket server, Script script) {
    this.server = server;
    this.script = script;
    this.accepting = Thread.ofVirtual().unstarted(this::accept);
  }

  public static Backend of(Script script) throws IOException {
    ServerSocket server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    Backend backend = new Backend(server, script);
    backend.accepting.start();
    return backend;
  }

  /**
   * One that answers each request with 200 and its own name.
   *
   * @param name of three letters
   */
  public static Backend named(String name) throws IOException {
    return of(
        wire -> {
          while (true) {
            wire.read();
            wire.send("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n" + name);
          }
        });
  }

  /** One that answers each request with 200, its line and its body. */
  public static Backend echo() throws IOException {
    Backend[] self = new Backend[1];
    self[0] =
        of(
            wire -> {
              while (true) {
                Wire.Message request = self[0].take(wire);
                String body = request.line() + "|" + request.body();
                wire.send(
                    "HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s"
                        .formatted(body.length(), request.line().startsWith("HEAD") ? "" : body));
              }
            });
    return self[0];
  }

  /** Reads and remembers a request. */
  public Wire.Message take(Wire wire) throws IOException {
    Wire.Message request = wire.read();
    requests.add(request);
    return request;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (Wire wire = new Wire(socket)) {
      script.run(wire);
    } catch (IOException e) {
      // The proxy closed, which is what most scripts end with.
    }
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  public int connections() {
    return connections.get();
  }

  public List<Wire.Message> requests() {
    return requests;
  }

  /** From then on connections are refused: a thread that still accepts would keep the port open. */
  @Override
  public void close() {
    try {
      server.close();
      accepting.join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
