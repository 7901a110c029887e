// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.zds;

import dev.culvert.linux.socket.Packet;
import dev.culvert.linux.socket.SeqpacketSocket;
import dev.culvert.policy.wire.zds.Ack;
import dev.culvert.policy.wire.zds.Version;
import dev.culvert.policy.wire.zds.WorkloadRequest;
import dev.culvert.policy.wire.zds.WorkloadResponse;
import dev.culvert.policy.wire.zds.ZdsHello;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The other end of ZDS, saying what a test wants it to say. */
public final class ScriptedZtunnel implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(20);

  private final SeqpacketSocket socket;

  private ScriptedZtunnel(SeqpacketSocket socket) {
    this.socket = socket;
  }

  public static ScriptedZtunnel silent(Path path) throws IOException {
    return new ScriptedZtunnel(SeqpacketSocket.connect(path));
  }

  public static ScriptedZtunnel hello(Path path) throws IOException {
    return hello(path, 0);
  }

  /** One that says when it started. */
  static ScriptedZtunnel hello(Path path, long started) throws IOException {
    ScriptedZtunnel ztunnel = silent(path);
    ztunnel.say(
        ZdsHello.newBuilder().setVersion(Version.V1).setStarted(started).build().toByteArray());
    return ztunnel;
  }

  public void say(byte[] packet) throws IOException {
    socket.send(packet);
  }

  public void ack() throws IOException {
    answer("");
  }

  public void answer(String error) throws IOException {
    Ack ack = Ack.newBuilder().setError(error).build();
    say(WorkloadResponse.newBuilder().setAck(ack).build().toByteArray());
  }

  public Packet hear() throws IOException {
    return socket.receive(SOON);
  }

  /** One request in short, as {@code add default/web}; an Add must carry one descriptor. */
  public String heard() throws IOException {
    try (Packet packet = hear()) {
      WorkloadRequest request = WorkloadRequest.parseFrom(packet.data());
      int expected = request.hasAdd() ? 1 : 0;
      if (!packet.isWhole() || packet.fds().size() != expected) {
        throw new AssertionError(request + " with " + packet);
      }
      return shorten(request);
    }
  }

  private static String shorten(WorkloadRequest request) {
    return switch (request.getPayloadCase()) {
      case ADD -> "add " + request.getAdd().getUid();
      case KEEP -> "keep " + request.getKeep().getUid();
      case DEL -> "del " + request.getDel().getUid();
      case SNAPSHOT_SENT -> "snapshot";
      case PAYLOAD_NOT_SET -> "nothing";
    };
  }

  /** Acknowledges requests until the given one came, which it acknowledges too. */
  public List<String> acknowledgeUntil(String last) throws IOException {
    List<String> all = new ArrayList<>();
    do {
      all.add(heard());
      ack();
    } while (!all.getLast().equals(last));
    return all;
  }

  @Override
  public void close() {
    socket.close();
  }
}
