// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.train;

import dev.culvert.cli.lab.JavaCommand;
import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;

/**
 * Clients of a front door or waypoint in one process, each with connection after connection, until
 * its input ends. What answer each kind of client got is printed once: {@code http/2 in tls: 200}.
 */
public final class Requests {
  /** The hidden subcommand that runs it. */
  public static final String COMMAND = "train-requests";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** After a failure, as while a port is not open yet. */
  private static final Duration PAUSE = Duration.ofMillis(20);

  private static final int TIMEOUT_MILLIS = 5000;

  private final InetSocketAddress server;
  private final String host;
  private final Set<String> said = ConcurrentHashMap.newKeySet();

  private Requests(InetSocketAddress server, String host) {
    this.server = server;
    this.host = host;
  }

  /** Starts them in a pod, without TLS. */
  static LabProcess plain(Lab lab, LabPod from, String address, int port) throws IOException {
    return start(lab, from, List.of(address, Integer.toString(port)));
  }

  /** Starts them in a pod, in TLS, with a certificate of their own. */
  static LabProcess secured(Lab lab, LabPod from, String address, int port, DoorKey key)
      throws IOException {
    return start(lab, from, List.of(address, Integer.toString(port), key.file().toString()));
  }

  private static LabProcess start(Lab lab, LabPod from, List<String> arguments) throws IOException {
    String name = "requests-%s-%s".formatted(from.name(), arguments.get(1));
    return lab.start(from.place(), name, JavaCommand.program(COMMAND, arguments));
  }

  /** Waits until both versions of HTTP were answered so. */
  static void await(LabProcess clients, String answer) throws IOException {
    clients.awaitLine("http/1.1" + answer, PATIENCE);
    clients.awaitLine("http/2" + answer, PATIENCE);
  }

  /** Arguments: address, port, and for TLS the file of a {@link DoorKey}. */
  public static void main(String[] arguments) throws IOException {
    Requests requests =
        new Requests(
            new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1])), DoorKey.HOST);
    if (arguments.length == 2) {
      requests.start("http/1.1", new Http1Exchange(40));
      requests.start("http/1.1 anew", new Http1Exchange(1));
      requests.start("http/2", new Http2Exchange());
    } else {
      SSLContext context = new DoorKey(Path.of(arguments[2])).context();
      requests.start("http/1.1 in tls", new Secured(new Http1Exchange(40), context, "http/1.1"));
      requests.start("http/2 in tls", new Secured(new Http2Exchange(), context, "h2"));
    }
    System.in.readAllBytes();
  }

  private void start(String kind, Exchange exchange) {
    Thread.ofPlatform().daemon().name(kind).start(() -> forever(kind, exchange));
  }

  private void forever(String kind, Exchange exchange) {
    try {
      while (true) {
        once(kind, exchange);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void once(String kind, Exchange exchange) throws InterruptedException {
    try (Socket connection = new Socket()) {
      connection.setSoTimeout(TIMEOUT_MILLIS);
      connection.setTcpNoDelay(true);
      connection.connect(server, TIMEOUT_MILLIS);
      say("%s: %d".formatted(kind, exchange.with(connection, host)));
    } catch (IOException e) {
      say("%s: %s".formatted(kind, e.getMessage()));
      Thread.sleep(PAUSE);
    }
  }

  private void say(String line) {
    if (said.add(line)) {
      System.out.println(line);
      System.out.flush();
    }
  }
}
