// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import com.google.protobuf.ByteString;
import dev.culvert.linux.Fd;
import dev.culvert.linux.bpf.BpfMap;
import dev.culvert.linux.socket.Packet;
import dev.culvert.linux.socket.SeqpacketSocket;
import dev.culvert.policy.wire.pairs.PairBeat;
import dev.culvert.policy.wire.pairs.PairEarlier;
import dev.culvert.policy.wire.pairs.PairEnd;
import dev.culvert.policy.wire.pairs.PairGrant;
import dev.culvert.policy.wire.pairs.PairHello;
import dev.culvert.policy.wire.pairs.PairKey;
import dev.culvert.policy.wire.pairs.PairRequest;
import dev.culvert.policy.wire.pairs.PairSuperseded;
import dev.culvert.policy.wire.pairs.PairWelcome;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The part of a ztunnel that tells of allowed pairs. */
final class PairingZtunnel implements AutoCloseable {
  private final SeqpacketSocket agent;
  private final BpfMap generation;
  private final List<InetAddress> earlier;

  private PairingZtunnel(SeqpacketSocket agent, BpfMap generation, List<InetAddress> earlier) {
    this.agent = agent;
    this.generation = generation;
    this.earlier = earlier;
  }

  /** Where earlier grants led. */
  List<InetAddress> earlier() {
    return earlier;
  }

  static PairingZtunnel hello(Path socket) throws IOException {
    return welcomed(waiting(socket, 0));
  }

  /** One that says when it started; it may have to wait until it is welcomed. */
  static SeqpacketSocket waiting(Path socket, long started) throws IOException {
    SeqpacketSocket agent = SeqpacketSocket.connect(socket);
    agent.send(PairHello.newBuilder().setVersion(1).setStarted(started).build().toByteArray());
    return agent;
  }

  static PairingZtunnel welcomed(SeqpacketSocket agent) throws IOException {
    try (Packet welcome = agent.receive(Duration.ofSeconds(10))) {
      PairWelcome said = PairWelcome.parseFrom(welcome.data());
      if (said.getVersion() != 1 || said.getMore() || welcome.fds().size() != 3) {
        throw new IOException("no welcome");
      }
      List<InetAddress> earlier = new ArrayList<>();
      for (PairEarlier each : said.getEarlierList()) {
        earlier.add(InetAddress.getByAddress(each.getAddress().toByteArray()));
      }
      Fd own = welcome.fds().getFirst().duplicate();
      return new PairingZtunnel(agent, BpfMap.own(own), earlier);
    }
  }

  /** Waits for the agent's word that another one decides. */
  void awaitSuperseded() throws IOException {
    try (Packet last = agent.receive(Duration.ofSeconds(10))) {
      if (PairSuperseded.parseFrom(last.data()).getVersion() != 1) {
        throw new IOException("not superseded");
      }
    }
  }

  /** As the kernel has it now. */
  long generation() throws IOException {
    byte[] value = generation.lookup(new byte[4]).orElseThrow();
    return ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getLong();
  }

  void beat() throws IOException {
    send(PairRequest.newBuilder().setBeat(PairBeat.getDefaultInstance()));
  }

  void grant(String source, String destination, InetAddress asked, InetAddress end, int port)
      throws IOException {
    PairKey key = key(source, asked, port);
    PairEnd to =
        PairEnd.newBuilder()
            .setUid(destination)
            .setAddress(ByteString.copyFrom(end.getAddress()))
            .setPort(port)
            .build();
    PairGrant grant =
        PairGrant.newBuilder().setKey(key).setGeneration(generation()).addEnds(to).build();
    send(PairRequest.newBuilder().setGrant(grant));
  }

  private static PairKey key(String source, InetAddress asked, int port) {
    return PairKey.newBuilder()
        .setSourceUid(source)
        .setAddress(ByteString.copyFrom(asked.getAddress()))
        .setPort(port)
        .build();
  }

  private void send(PairRequest.Builder request) throws IOException {
    agent.send(request.build().toByteArray());
  }

  @Override
  public void close() {
    agent.close();
    generation.close();
  }
}
