// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.pairs;

import com.google.protobuf.ByteString;
import dev.culvert.linux.socket.Packet;
import dev.culvert.linux.socket.SeqpacketSocket;
import dev.culvert.policy.wire.pairs.PairBeat;
import dev.culvert.policy.wire.pairs.PairEarlier;
import dev.culvert.policy.wire.pairs.PairEnd;
import dev.culvert.policy.wire.pairs.PairGrant;
import dev.culvert.policy.wire.pairs.PairHello;
import dev.culvert.policy.wire.pairs.PairKey;
import dev.culvert.policy.wire.pairs.PairRequest;
import dev.culvert.policy.wire.pairs.PairRevoke;
import dev.culvert.policy.wire.pairs.PairSuperseded;
import dev.culvert.policy.wire.pairs.PairWelcome;
import dev.culvert.ztunnel.controlplane.Backoff;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to the agent, made again whenever it ends. Thread {@code pairs-link} listens; what
 * is said comes from the one thread that decides.
 */
final class PairLink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PairLink.class);
  private static final int VERSION = 1;
  private static final long PREPARING_NANOS = 10_000_000;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Under the agent's lease, or a full buffer would be waited for beyond it. */
  private static final Duration SEND = Duration.ofSeconds(1);

  /**
   * What an earlier ztunnel allowed, and may be open.
   *
   * @param source the cookie of the client's namespace
   */
  record Earlier(long source, InetSocketAddress endpoint) {}

  /** Learns of the connection, on the link's thread. */
  interface Listener {
    /** The agent takes grants; the maps are the listener's now. */
    void linked(KernelMaps maps, List<Earlier> earlier);

    /** It takes none any more. */
    void unlinked();

    /** A ztunnel that started later decides now: what the kernel has is that one's. */
    void superseded();
  }

  private final Path path;
  private final long started;
  private final Listener listener;
  private final Backoff backoff = Backoff.ofNodeSocket(new SecureRandom());
  private final BooleanSupplier prepared;
  private final Thread thread;
  private volatile SeqpacketSocket connection;
  private volatile SeqpacketSocket agent;
  private volatile boolean closed;

  /**
   * @param started when this process did, in ns of CLOCK_MONOTONIC
   * @param prepared whether it can decide; until then one before it does
   */
  PairLink(Path path, long started, BooleanSupplier prepared, Listener listener) {
    this.path = path;
    this.started = started;
    this.prepared = prepared;
    this.listener = listener;
    this.thread = Thread.ofPlatform().daemon().name("pairs-link").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (!closed && !prepared.getAsBoolean()) {
      LockSupport.parkNanos(this, PREPARING_NANOS);
    }
    while (!closed) {
      String ended = converse();
      if (!closed) {
        Duration wait = backoff.next();
        LOG.debug("{}: {}; next attempt in {} ms", path, ended, wait.toMillis());
        LockSupport.parkNanos(this, wait.toNanos());
      }
    }
  }

  private String converse() {
    try (SeqpacketSocket socket = SeqpacketSocket.connect(path)) {
      if (socket.peer().uid() != 0) {
        throw new IOException("the agent is not root");
      }
      socket.send(
          PairHello.newBuilder().setVersion(VERSION).setStarted(started).build().toByteArray());
      connection = socket;
      List<Earlier> earlier = new ArrayList<>();
      KernelMaps maps = welcome(socket, earlier);
      agent = socket;
      backoff.reset();
      LOG.info("{}: pods of this node may connect without the proxy once allowed", path);
      listener.linked(maps, earlier);
      listen(socket);
      agent = null;
      LOG.info("{}: a ztunnel that started later decides", path);
      listener.superseded();
      return "superseded";
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    } finally {
      connection = null;
      if (agent != null) {
        agent = null;
        listener.unlinked();
      }
    }
  }

  /** As long as one that started later decides there is no welcome. */
  private static Packet awaited(SeqpacketSocket socket) throws IOException {
    while (true) {
      try {
        return socket.receive(PATIENCE);
      } catch (SocketTimeoutException notYet) {
        LOG.debug("a ztunnel that started later decides");
      }
    }
  }

  private static KernelMaps welcome(SeqpacketSocket socket, List<Earlier> earlier)
      throws IOException {
    boolean more;
    Optional<KernelMaps> maps = Optional.empty();
    do {
      try (Packet packet = awaited(socket)) {
        PairWelcome welcome = PairWelcome.parseFrom(packet.data());
        int descriptors = maps.isPresent() ? 0 : KernelMaps.COUNT;
        if (welcome.getVersion() != VERSION || packet.fds().size() != descriptors) {
          throw new IOException("the agent speaks another version");
        }
        if (maps.isEmpty()) {
          maps = Optional.of(KernelMaps.copyOf(packet.fds()));
        }
        for (PairEarlier each : welcome.getEarlierList()) {
          earlier.add(earlier(each));
        }
        more = welcome.getMore();
      }
    } while (more);
    return maps.orElseThrow();
  }

  private static Earlier earlier(PairEarlier message) throws IOException {
    InetAddress ip = InetAddress.getByAddress(message.getAddress().toByteArray());
    return new Earlier(message.getSourceNetns(), new InetSocketAddress(ip, message.getPort()));
  }

  /** Until it says that another one decides. */
  private static void listen(SeqpacketSocket socket) throws IOException {
    while (true) {
      try (Packet last = socket.receive(PATIENCE)) {
        if (PairSuperseded.parseFrom(last.data()).getVersion() != VERSION) {
          throw new IOException("the agent speaks another version");
        }
        return;
      } catch (SocketTimeoutException silent) {
        // As it should be.
      }
    }
  }

  boolean isUp() {
    return agent != null;
  }

  void beat() {
    say(PairRequest.newBuilder().setBeat(PairBeat.getDefaultInstance()));
  }

  void grant(long generation, String source, String destination, InetSocketAddress end) {
    PairEnd to =
        PairEnd.newBuilder()
            .setUid(destination)
            .setAddress(ByteString.copyFrom(end.getAddress().getAddress()))
            .setPort(end.getPort())
            .build();
    PairGrant grant =
        PairGrant.newBuilder()
            .setKey(key(source, end))
            .setGeneration(generation)
            .addEnds(to)
            .build();
    say(PairRequest.newBuilder().setGrant(grant));
  }

  void revoke(String source, InetSocketAddress asked) {
    say(PairRequest.newBuilder().setRevoke(PairRevoke.newBuilder().setKey(key(source, asked))));
  }

  private static PairKey key(String source, InetSocketAddress asked) {
    return PairKey.newBuilder()
        .setSourceUid(source)
        .setAddress(ByteString.copyFrom(asked.getAddress().getAddress()))
        .setPort(asked.getPort())
        .build();
  }

  /** A link that cannot be spoken to is none. */
  private void say(PairRequest.Builder request) {
    SeqpacketSocket to = agent;
    if (to == null) {
      return;
    }
    try {
      to.send(request.build().toByteArray(), SEND);
    } catch (IOException e) {
      LOG.debug("{}: {}", path, e.getMessage());
      to.close();
    }
  }

  @Override
  public void close() {
    closed = true;
    SeqpacketSocket last = connection;
    if (last != null) {
      last.close();
    }
    LockSupport.unpark(thread);
  }
}
