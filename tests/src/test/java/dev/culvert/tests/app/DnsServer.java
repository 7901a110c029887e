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
  private static final int MOST_OVER_UDP = 20;
  private static final int SOA = 6;

  /** With two names of the root and five numbers. */
  private static final int SOA_BYTES = 12 + 2 + 5 * Integer.BYTES;

  /**
   * What is said of a name.
   *
   * @param code of the response (RFC 1035 4.1.1)
   * @param seconds that it may be kept
   * @param addresses of IPv4; too many for UDP are told over TCP
   */
  public record Told(int code, int seconds, List<InetAddress> addresses) {
    private static final int NXDOMAIN = 3;
    private static final int REFUSED = 5;

    /** Addresses that nobody may keep. */
    public static Told once(List<InetAddress> addresses) {
      return new Told(0, 0, addresses);
    }

    /** An address that may be kept. */
    public static Told kept(int seconds, InetAddress address) {
      return new Told(0, seconds, List.of(address));
    }

    /** There is no such name, which may be kept by the SOA (RFC 2308). */
    public static Told missing(int seconds) {
      return new Told(NXDOMAIN, seconds, List.of());
    }

    /** It is not for this resolver to say. */
    public static Told refused() {
      return new Told(REFUSED, 0, List.of());
    }
  }

  /** What the resolver knows. */
  @FunctionalInterface
  public interface Zone {
    /**
     * What is said of every name; null is silence.
     *
     * @param name its first label
     */
    Told tell(String name);
  }

  /** Listens for TCP. */
  @FunctionalInterface
  public interface Listening {
    AppServer serve(AppServer.Service service) throws IOException;
  }

  private final DatagramChannel udp;
  private final Zone zone;
  private final AppServer tcp;
  private final Thread receiver = Thread.ofVirtual().name("resolver").unstarted(this::receive);
  private final List<String> datagrams = new CopyOnWriteArrayList<>();

  private DnsServer(DatagramChannel udp, Zone zone, Listening listening) throws IOException {
    this.udp = udp;
    this.zone = zone;
    this.tcp = listening.serve(this::serve);
  }

  /** Takes a bound socket over, and closes it when TCP cannot be listened for. */
  public static DnsServer start(DatagramChannel udp, Zone zone, Listening listening)
      throws IOException {
    try {
      DnsServer server = new DnsServer(udp, zone, listening);
      server.receiver.start();
      return server;
    } catch (IOException e) {
      udp.close();
      throw e;
    }
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
    Told told = zone.tell(label(query));
    if (told == null) {
      return null;
    }
    boolean fits = overTcp || told.addresses().size() < MOST_OVER_UDP;
    List<InetAddress> addresses = fits ? told.addresses() : List.of();
    boolean keepsAbsence = told.code() != 0 && told.seconds() > 0;
    ByteBuffer answer = ByteBuffer.allocate(end + 16 * addresses.size() + SOA_BYTES);
    answer.put(query.slice(0, end));
    int flags = RESPONSE | (fits ? 0 : TRUNCATED) | told.code();
    answer.putShort(2, (short) (query.getShort(2) | flags));
    answer.putShort(6, (short) addresses.size()).putShort(8, (short) (keepsAbsence ? 1 : 0));
    answer.putShort(10, (short) 0);
    for (InetAddress address : addresses) {
      begin(answer, DnsQuery.A, told.seconds(), 4).put(address.getAddress());
    }
    if (keepsAbsence) {
      begin(answer, SOA, told.seconds(), SOA_BYTES - 12).putShort((short) 0);
      answer.putInt(1).putInt(2).putInt(3).putInt(4).putInt(told.seconds());
    }
    return answer.flip();
  }

  /** Of the name that was asked for. */
  private static ByteBuffer begin(ByteBuffer answer, int type, int seconds, int bytes) {
    answer.putShort((short) POINTER_TO_QUESTION).putShort((short) type).putShort((short) 1);
    return answer.putInt(seconds).putShort((short) bytes);
  }

  /** The port is free when this returns: the kernel keeps it until receive() has ended. */
  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
    try {
      receiver.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
