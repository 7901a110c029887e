// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import dev.culvert.linux.socket.NioDescriptors;
import dev.culvert.linux.socket.SocketNames;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * A client app in a pod: one process with one connection to an echo server. It prints what it sees,
 * a line each: {@code open}, then what its mode says, then {@code closed}.
 */
public final class LabClient {
  /** The hidden subcommand that runs it. */
  public static final String COMMAND = "lab-client";

  private static final Duration OPEN = Duration.ofSeconds(20);

  /** What a client does with its connection. */
  public enum Mode {
    /** Sends a byte now and then, until the connection or its own input ends. */
    HOLD,
    /** Moves bytes and checks each that comes back, until its own input ends. */
    TRANSFER,
    /** Measures round trips and prints {@code rtt}. */
    RTT,
    /** Opens many more connections, for a while, and prints {@code churned}. */
    CHURN
  }

  private LabClient() {}

  /** Starts a client in the pod and waits until its connection is open. */
  public static LabProcess start(Lab lab, LabPod pod, Mode mode, String host, int port)
      throws IOException {
    List<String> arguments = List.of(mode.name(), host, Integer.toString(port));
    String name = "client-%s-%s".formatted(pod.name(), mode.name().toLowerCase(Locale.ROOT));
    LabProcess process = lab.start(pod.place(), name, JavaCommand.program(COMMAND, arguments));
    process.awaitLine("open ", OPEN);
    return process;
  }

  /** Arguments: mode, host, port. */
  public static void main(String[] arguments) throws IOException {
    InetSocketAddress server = new InetSocketAddress(arguments[1], Integer.parseInt(arguments[2]));
    if (server.isUnresolved()) {
      System.out.println("closed: unknown host " + arguments[1]);
      return;
    }
    try (SocketChannel connection = SocketChannel.open(server)) {
      connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
      int fd = NioDescriptors.fd(connection);
      say("open local=%s peer=%s".formatted(SocketNames.local(fd), SocketNames.peer(fd)));
      run(Mode.valueOf(arguments[0]), connection);
    } catch (IOException e) {
      say("closed: %s".formatted(e.getMessage()));
    }
  }

  private static void run(Mode mode, SocketChannel connection) throws IOException {
    switch (mode) {
      case HOLD -> Hold.run(connection);
      case TRANSFER -> Transfer.run(connection);
      case RTT -> RoundTrips.run(connection);
      case CHURN -> Churn.run(connection);
    }
  }

  /** One line; the reader of a log may look at any moment. */
  static void say(String line) {
    System.out.println(line.replace("=/", "="));
    System.out.flush();
  }

  /** The number after {@code name=} in a line. */
  public static long number(String line, String name) {
    List<String> words = List.of(line.split(" ", -1));
    return words.stream()
        .filter(word -> word.startsWith(name + "="))
        .mapToLong(word -> Long.parseLong(word.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no %s in '%s'".formatted(name, line)));
  }
}
