// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.app;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A resolver over UDP and TCP. */
public final class DnsServer implements AutoCloseable {
  public static final int PORT = 53;

  private static final int HEADER = 12;
  private static final int RESPONSE = 0x8080;
  private static final int TRUNCATED = 0x0200;
  private static final int POINTER_TO_QUESTION = 0xc00c;

  /** What the resolver knows. */
  @FunctionalInterface
  public interface Zone {
    /**
     * The IPv4 addresses of every name; null is silence, too many for UDP are told over TCP.
     *
     * @param name its first label
     */
    List<InetAddress> addresses(String name);
  }

  /** Listens for TCP. */
  @FunctionalInterface
  public interface Listening {
    AppServer serve(AppServer.Service service) throws IOException;
  }

  private final DatagramChannel udp;
  private final Zone zone;
  private final AppServer tcp;
  private final List<String> datagrams = new CopyOnWriteArrayList<>();

  private DnsServer(DatagramChannel udp, Zone zone, Listening listening) throws IOException {
    this.udp = udp;
    this.zone = zone;
    this.tcp = listening.serve(this::serve);
  }

  /** Takes a bound socket over. */
  public static DnsServer start(DatagramChannel udp, Zone zone, Listening listening)
      throws IOException {
    DnsServer server = new DnsServer(udp, zone, listening);
    Thread.ofVirtual().name("resolver").start(server::receive);
    return server;
  }

  /** How many queries came over UDP for names with that first label. */
  public long datagrams(String label) {
    return datagrams.stream().filter(label::equals).count();
  }

  private void receive() {
    ByteBuffer query = ByteBuffer.allocate(4096);
    try {
      while (true) {
        SocketAddress client = udp.receive(query.clear());
        datagrams.add(label(query.flip()));
        ByteBuffer answer = answer(query, false);
        if (answer != null) {
          udp.send(answer, client);
        }
      }
    } catch (IOException _) {
      // closed by the test
    }
  }

  private void serve(AppConnection connection) throws IOException {
    while (true) {
      ByteBuffer answer = answer(DnsQuery.next(connection), true);
      if (answer == null) {
        return;
      }
      connection.send(ByteBuffer.allocate(2).putShort((short) answer.remaining()).flip());
      connection.send(answer);
    }
  }

  private static String label(ByteBuffer query) {
    byte[] label = new byte[query.get(HEADER)];
    query.get(HEADER + 1, label);
    return new String(label, US_ASCII);
  }

  private ByteBuffer answer(ByteBuffer query, boolean overTcp) {
    int end = HEADER;
    while (query.get(end) != 0) {
      end += 1 + query.get(end);
    }
    end += 5;
    List<InetAddress> addresses = zone.addresses(label(query));
    if (addresses == null) {
      return null;
    }
    boolean fits = overTcp || addresses.size() < 20;
    List<InetAddress> told = fits ? addresses : List.of();
    ByteBuffer answer = ByteBuffer.allocate(end + 16 * told.size());
    answer.put(query.slice(0, end));
    answer.putShort(2, (short) (query.getShort(2) | RESPONSE | (fits ? 0 : TRUNCATED)));
    answer.putShort(6, (short) told.size()).putInt(8, 0);
    for (InetAddress address : told) {
      answer.putShort((short) POINTER_TO_QUESTION).putShort((short) DnsQuery.A);
      answer.putShort((short) 1).putInt(0).putShort((short) 4).put(address.getAddress());
    }
    return answer.flip();
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
  }
}
