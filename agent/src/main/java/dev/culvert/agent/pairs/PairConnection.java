// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.pairs;

import com.google.protobuf.ByteString;
import com.google.protobuf.Parser;
import dev.culvert.agent.redirect.PairMaps;
import dev.culvert.linux.Fd;
import dev.culvert.linux.socket.Packet;
import dev.culvert.linux.socket.SeqpacketSocket;
import dev.culvert.policy.wire.pairs.PairEarlier;
import dev.culvert.policy.wire.pairs.PairHello;
import dev.culvert.policy.wire.pairs.PairRequest;
import dev.culvert.policy.wire.pairs.PairSuperseded;
import dev.culvert.policy.wire.pairs.PairWelcome;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** One ztunnel that decides about pairs. One thread, but for {@link #close}. */
final class PairConnection implements AutoCloseable {
  private static final int VERSION = 1;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration GLANCE = Duration.ofMillis(10);

  /** Six beats of ztunnel: what it does not renew for so long does not count any more. */
  static final Duration LEASE = Duration.ofSeconds(3);

  /** They have 35 bytes each, of the 4096 that a packet may have. */
  private static final int IN_A_PACKET = 100;

  private final SeqpacketSocket socket;
  private final PairMaps maps;
  private final PairRequests requests;
  private long started;

  PairConnection(SeqpacketSocket socket, PairMaps maps, PairRequests requests) {
    this.socket = socket;
    this.maps = maps;
    this.requests = requests;
  }

  boolean isOf(SeqpacketSocket other) {
    return socket.equals(other);
  }

  /** Whether its ztunnel started after the other's; one that does not tell is as new as any. */
  boolean isNewerThan(PairConnection other) {
    return other.started != 0 && started > other.started;
  }

  /** Checks who that is. */
  void begin() throws IOException {
    if (socket.peer().uid() != 0) {
      throw new IOException("it is not root but uid " + socket.peer().uid());
    }
    PairHello hello = receive(PairHello.parser(), PATIENCE);
    if (hello.getVersion() != VERSION) {
      throw new IOException("it speaks version " + hello.getVersion() + ", this agent 1");
    }
    started = hello.getStarted();
  }

  /** Looks whether it is still there while it waits. */
  void checkAlive() throws IOException {
    try (Packet unasked = socket.receive(GLANCE)) {
      throw new IOException("it spoke unasked, %d bytes".formatted(unasked.data().length));
    } catch (SocketTimeoutException silent) {
      // As it should be.
    }
  }

  /** Says that another one decides; what it still says is not heard. */
  void supersede() {
    try {
      socket.send(PairSuperseded.newBuilder().setVersion(VERSION).build().toByteArray(), GLANCE);
    } catch (IOException gone) {
      // It learns nothing any more.
    }
  }

  /** Hands over what ztunnel needs to revoke by itself, and what it has to judge. */
  void welcome() throws IOException {
    List<PairMaps.Open> earlier = maps.granted();
    Fd[] descriptors = maps.shared();
    int from = 0;
    do {
      int to = Math.min(earlier.size(), from + IN_A_PACKET);
      PairWelcome.Builder welcome =
          PairWelcome.newBuilder().setVersion(VERSION).setMore(to < earlier.size());
      earlier.subList(from, to).forEach(each -> welcome.addEarlier(message(each)));
      socket.send(welcome.build().toByteArray(), descriptors);
      descriptors = new Fd[0];
      from = to;
    } while (from < earlier.size());
  }

  private static PairEarlier message(PairMaps.Open open) {
    return PairEarlier.newBuilder()
        .setSourceNetns(open.source())
        .setAddress(ByteString.copyFrom(open.endpoint().getAddress().getAddress()))
        .setPort(open.endpoint().getPort())
        .build();
  }

  /** Carries out what it says until it is silent or gone. */
  void follow(BooleanSupplier isCurrent) throws IOException {
    while (true) {
      PairRequest request = receive(PairRequest.parser(), LEASE);
      if (!isCurrent.getAsBoolean()) {
        throw new IOException("another one took over");
      }
      switch (request.getPayloadCase()) {
        case BEAT -> maps.renew(LEASE);
        case GRANT -> requests.grant(request.getGrant());
        case REVOKE -> requests.revoke(request.getRevoke().getKey());
        case PAYLOAD_NOT_SET -> throw new IOException("it sent an empty request");
      }
    }
  }

  private <T> T receive(Parser<T> parser, Duration patience) throws IOException {
    try (Packet packet = socket.receive(patience)) {
      if (!packet.isWhole() || !packet.fds().isEmpty()) {
        throw new IOException("it sent a packet too long, or with a descriptor");
      }
      return parser.parseFrom(packet.data());
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
