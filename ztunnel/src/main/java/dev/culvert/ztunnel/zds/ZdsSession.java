// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.zds;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.culvert.linux.socket.Packet;
import dev.culvert.linux.socket.SeqpacketSocket;
import dev.culvert.policy.wire.zds.Ack;
import dev.culvert.policy.wire.zds.AddWorkload;
import dev.culvert.policy.wire.zds.Version;
import dev.culvert.policy.wire.zds.WorkloadRequest;
import dev.culvert.policy.wire.zds.WorkloadResponse;
import dev.culvert.policy.wire.zds.ZdsHello;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** One connection: greets, then answers each packet before it looks at the next. */
final class ZdsSession {
  private final SeqpacketSocket agent;
  private final PodRegistry pods;
  private final Set<String> snapshot = new HashSet<>();
  private boolean snapshotEnded;

  ZdsSession(SeqpacketSocket agent, PodRegistry pods) {
    this.agent = agent;
    this.pods = pods;
  }

  void hello(long started) throws IOException {
    agent.send(
        ZdsHello.newBuilder().setVersion(Version.V1).setStarted(started).build().toByteArray());
  }

  /**
   * Answers the next packet.
   *
   * @return whether one came in time
   * @throws ZdsProtocolException when it is not ZDS; its descriptors are closed
   */
  boolean next(Duration timeout) throws IOException {
    Packet received;
    try {
      received = agent.receive(timeout);
    } catch (SocketTimeoutException e) {
      return false;
    }
    try (received) {
      Optional<String> error = handle(received);
      Ack ack = Ack.newBuilder().setError(error.orElse("")).build();
      agent.send(WorkloadResponse.newBuilder().setAck(ack).build().toByteArray());
    }
    return true;
  }

  private Optional<String> handle(Packet packet) throws IOException {
    WorkloadRequest request = parse(packet);
    int expected = request.hasAdd() ? 1 : 0;
    if (packet.fds().size() != expected) {
      throw new ZdsProtocolException(
          "%s came with %d descriptors instead of %d"
              .formatted(request.getPayloadCase(), packet.fds().size(), expected));
    }
    return switch (request.getPayloadCase()) {
      case ADD -> add(request.getAdd(), packet);
      case KEEP -> keep(named(request.getKeep().getUid()));
      case DEL -> pods.remove(named(request.getDel().getUid()));
      case SNAPSHOT_SENT -> endSnapshot();
      case PAYLOAD_NOT_SET -> throw new ZdsProtocolException("a request without a payload");
    };
  }

  private Optional<String> add(AddWorkload add, Packet packet) throws IOException {
    snapshot.add(named(add.getUid()));
    // A copy: the packet closes its own, whatever becomes of the pod.
    return pods.add(add, packet.fds().getFirst().duplicate());
  }

  private Optional<String> keep(String uid) throws ZdsProtocolException {
    if (snapshotEnded) {
      throw new ZdsProtocolException("KEEP of %s after the snapshot".formatted(uid));
    }
    snapshot.add(uid);
    return Optional.empty();
  }

  private Optional<String> endSnapshot() throws ZdsProtocolException {
    if (snapshotEnded) {
      throw new ZdsProtocolException("a second end of the snapshot");
    }
    snapshotEnded = true;
    pods.retainOnly(snapshot);
    return Optional.empty();
  }

  private static WorkloadRequest parse(Packet packet) throws ZdsProtocolException {
    if (!packet.isWhole()) {
      throw new ZdsProtocolException(
          "a packet was cut off after %d bytes and %d descriptors"
              .formatted(packet.data().length, packet.fds().size()));
    }
    try {
      return WorkloadRequest.parseFrom(packet.data());
    } catch (InvalidProtocolBufferException e) {
      throw new ZdsProtocolException(
          "%d bytes are no WorkloadRequest: %s".formatted(packet.data().length, e.getMessage()));
    }
  }

  private static String named(String uid) throws ZdsProtocolException {
    if (uid.isEmpty()) {
      throw new ZdsProtocolException("a message without a uid");
    }
    return uid;
  }
}
