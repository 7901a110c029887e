// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.peers;

import dev.culvert.linux.Fd;
import dev.culvert.linux.socket.Packet;
import dev.culvert.linux.socket.SeqpacketServer;
import dev.culvert.linux.socket.SeqpacketSocket;
import dev.culvert.policy.wire.zds.AddWorkload;
import dev.culvert.policy.wire.zds.DelWorkload;
import dev.culvert.policy.wire.zds.KeepWorkload;
import dev.culvert.policy.wire.zds.SnapshotSent;
import dev.culvert.policy.wire.zds.WorkloadInfo;
import dev.culvert.policy.wire.zds.WorkloadRequest;
import dev.culvert.policy.wire.zds.WorkloadResponse;
import dev.culvert.policy.wire.zds.ZdsHello;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** A ZDS server that says what a test tells it to. */
public final class FakeAgent implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final SeqpacketServer server;
  private SeqpacketSocket client;

  public FakeAgent(Path path) throws IOException {
    server = SeqpacketServer.listen(path);
  }

  /** Takes the next connection and reads its greeting. */
  public ZdsHello accept() throws IOException {
    hangUp();
    client = server.accept(PATIENCE);
    try (Packet hello = client.receive(PATIENCE)) {
      return ZdsHello.parseFrom(hello.data());
    }
  }

  /** Sends a request; the error of its acknowledgement, empty for none. */
  public String ask(WorkloadRequest request, Fd... fds) throws IOException {
    return ask(request.toByteArray(), fds);
  }

  /** As {@link #ask(WorkloadRequest, Fd...)} of any bytes. */
  public String ask(byte[] packet, Fd... fds) throws IOException {
    client.send(packet, fds);
    try (Packet answer = client.receive(PATIENCE)) {
      return WorkloadResponse.parseFrom(answer.data()).getAck().getError();
    }
  }

  /** Ends the connection. */
  public void hangUp() {
    if (client != null) {
      client.close();
    }
  }

  @Override
  public void close() {
    hangUp();
    server.close();
  }

  public static WorkloadRequest add(String uid, String namespace, String name) {
    WorkloadInfo info =
        WorkloadInfo.newBuilder()
            .setNamespace(namespace)
            .setName(name)
            .setServiceAccount(name)
            .build();
    return WorkloadRequest.newBuilder()
        .setAdd(AddWorkload.newBuilder().setUid(uid).setWorkloadInfo(info))
        .build();
  }

  public static WorkloadRequest keep(String uid) {
    return WorkloadRequest.newBuilder().setKeep(KeepWorkload.newBuilder().setUid(uid)).build();
  }

  public static WorkloadRequest del(String uid) {
    return WorkloadRequest.newBuilder().setDel(DelWorkload.newBuilder().setUid(uid)).build();
  }

  public static WorkloadRequest snapshotSent() {
    return WorkloadRequest.newBuilder().setSnapshotSent(SnapshotSent.getDefaultInstance()).build();
  }
}
