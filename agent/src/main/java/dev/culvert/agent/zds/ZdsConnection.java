// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.zds;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import dev.culvert.linux.socket.Packet;
import dev.culvert.linux.socket.SeqpacketSocket;
import dev.culvert.policy.wire.zds.Version;
import dev.culvert.policy.wire.zds.WorkloadResponse;
import dev.culvert.policy.wire.zds.ZdsHello;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;

/** The agent's end of one ZDS connection: one message out, one answer in, strictly in turn. */
final class ZdsConnection implements AutoCloseable {
  private static final Duration GLANCE = Duration.ofMillis(10);

  private final SeqpacketSocket socket;
  private final Duration deadline;

  ZdsConnection(SeqpacketSocket socket, Duration deadline) {
    this.socket = socket;
    this.deadline = deadline;
  }

  int peerPid() {
    return socket.peer().pid();
  }

  /**
   * Waits for ztunnel's first message and checks that both speak the same version.
   *
   * @return when it started, in ns of CLOCK_MONOTONIC; 0 when it does not tell
   */
  long awaitHello() throws IOException {
    ZdsHello hello = receive(ZdsHello.parser());
    if (hello.getVersion() != Version.V1) {
      throw new ZdsProtocolException(
          "speaks ZDS version %d, this agent speaks 1: upgrade the older of the two"
              .formatted(hello.getVersionValue()));
    }
    return hello.getStarted();
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @return ztunnel's reason for refusing it, empty when it was carried out
   */
  Optional<String> exchange(ZdsRequest request) throws IOException {
    socket.send(request.message().toByteArray(), deadline, request.descriptors());
    WorkloadResponse response = receive(WorkloadResponse.parser());
    if (!response.hasAck()) {
      throw new ZdsProtocolException("answered without an ack");
    }
    return Optional.of(response.getAck().getError()).filter(error -> !error.isEmpty());
  }

  /**
   * Looks whether the peer is still there while nothing is to be said.
   *
   * @throws EOFException when it is not
   * @throws ZdsProtocolException when it spoke unasked
   */
  void checkAlive() throws IOException {
    try (Packet unasked = socket.receive(GLANCE)) {
      throw new ZdsProtocolException("spoke unasked, %d bytes".formatted(unasked.data().length));
    } catch (SocketTimeoutException silent) {
      // As it should be.
    }
  }

  private <T> T receive(Parser<T> parser) throws IOException {
    try (Packet packet = socket.receive(deadline)) {
      if (!packet.isWhole() || !packet.fds().isEmpty()) {
        throw new ZdsProtocolException("sent a packet too long, or with a descriptor");
      }
      return parser.parseFrom(packet.data());
    } catch (SocketTimeoutException e) {
      throw new ZdsProtocolException("said nothing for " + deadline.toMillis() + " ms");
    } catch (InvalidProtocolBufferException e) {
      throw new ZdsProtocolException("sent what is not a ZDS message (" + e.getMessage() + ")");
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
