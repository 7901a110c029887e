// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A resolver on loopback, over UDP and TCP on one port. */
final class FakeResolver implements AutoCloseable {
  /** How it answers; null is silence. */
  @FunctionalInterface
  interface Answering {
    byte[] answer(byte[] query, boolean tcp);
  }

  private final DatagramSocket udp;
  private final ServerSocket tcp;
  private final InetSocketAddress address;
  private final Answering answering;
  private final List<InetSocketAddress> clients = new CopyOnWriteArrayList<>();
  private final List<byte[]> queries = new CopyOnWriteArrayList<>();
  private final List<byte[]> tcpQueries = new CopyOnWriteArrayList<>();

  FakeResolver(Answering answering) throws IOException {
    this.answering = answering;
    Ports ports = Ports.take();
    this.tcp = ports.tcp;
    this.udp = ports.udp;
    this.address = (InetSocketAddress) udp.getLocalSocketAddress();
    Thread.ofVirtual().start(this::serveDatagrams);
    Thread.ofVirtual().start(this::serveConnections);
  }

  /** Both of one number: one that is free for TCP may be another's for UDP. */
  private record Ports(ServerSocket tcp, DatagramSocket udp) {
    private static final int ATTEMPTS = 20;

    static Ports take() throws IOException {
      for (int attempt = 1; ; attempt++) {
        ServerSocket tcp = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        try {
          return new Ports(tcp, new DatagramSocket(tcp.getLocalPort(), tcp.getInetAddress()));
        } catch (BindException e) {
          tcp.close();
          if (attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
    }
  }

  InetSocketAddress address() {
    return address;
  }

  /** Queries over UDP, as they came. */
  List<byte[]> queries() {
    return queries;
  }

  List<byte[]> tcpQueries() {
    return tcpQueries;
  }

  /** From where they came. */
  List<InetSocketAddress> clients() {
    return clients;
  }

  void send(byte[] answer, InetSocketAddress to) {
    try {
      udp.send(new DatagramPacket(answer, answer.length, to));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serveDatagrams() {
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        udp.receive(packet);
        byte[] query = Arrays.copyOf(packet.getData(), packet.getLength());
        InetSocketAddress client = (InetSocketAddress) packet.getSocketAddress();
        clients.add(client);
        queries.add(query);
        byte[] answer = answering.answer(query, false);
        if (answer != null) {
          send(answer, client);
        }
      }
    } catch (IOException e) {
      // closed by the test
    }
  }

  private void serveConnections() {
    try {
      while (true) {
        Socket connection = tcp.accept();
        Thread.ofVirtual().start(() -> serve(connection));
      }
    } catch (IOException e) {
      // closed by the test
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      DataInputStream in = new DataInputStream(connection.getInputStream());
      DataOutputStream out = new DataOutputStream(connection.getOutputStream());
      while (true) {
        byte[] query = in.readNBytes(in.readUnsignedShort());
        tcpQueries.add(query);
        byte[] answer = answering.answer(query, true);
        if (answer == null) {
          return;
        }
        out.writeShort(answer.length);
        out.write(answer);
        out.flush();
      }
    } catch (IOException e) {
      // the proxy ends it
    }
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
  }
}
