// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.ErrnoException;
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
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** The agent's end of ZDS, which sends what a test wants. */
public final class FakeAgent implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final SeqpacketServer server;

  private FakeAgent(SeqpacketServer server) {
    this.server = server;
  }

  /** Listens where ztunnel will connect. */
  public static FakeAgent listen(Path socket) throws IOException {
    return new FakeAgent(SeqpacketServer.listen(socket));
  }

  /** Waits for ztunnel and its hello. */
  public Session accept() throws IOException {
    SeqpacketSocket socket = server.accept(PATIENCE);
    try (Packet hello = socket.receive(PATIENCE)) {
      return new Session(socket, ZdsHello.parseFrom(hello.data()));
    }
  }

  /** A request that adds a pod. */
  public static WorkloadRequest add(String uid, String name) {
    return WorkloadRequest.newBuilder()
        .setAdd(
            AddWorkload.newBuilder()
                .setUid(uid)
                .setWorkloadInfo(
                    WorkloadInfo.newBuilder()
                        .setName(name)
                        .setNamespace("mesh")
                        .setServiceAccount(name)))
        .build();
  }

  /** A request that takes a pod away. */
  public static WorkloadRequest delete(String uid) {
    return WorkloadRequest.newBuilder().setDel(DelWorkload.newBuilder().setUid(uid)).build();
  }

  /** A request that keeps a pod of which the agent has no namespace. */
  public static WorkloadRequest keep(String uid) {
    return WorkloadRequest.newBuilder().setKeep(KeepWorkload.newBuilder().setUid(uid)).build();
  }

  /** The request that ends the snapshot. */
  public static WorkloadRequest snapshotSent() {
    return WorkloadRequest.newBuilder().setSnapshotSent(SnapshotSent.getDefaultInstance()).build();
  }

  @Override
  public void close() {
    server.close();
  }

  /** One connection of ztunnel. */
  public record Session(SeqpacketSocket socket, ZdsHello hello) implements AutoCloseable {
    public static final String CLOSED = "closed";

    /** Sends a request and waits for its answer; the error in it, empty for none. */
    public String ask(WorkloadRequest request, Fd... descriptors) throws IOException {
      return ask(request.toByteArray(), descriptors);
    }

    /** Sends any bytes and waits for the answer; {@link #CLOSED} when ztunnel hangs up instead. */
    public String ask(byte[] bytes, Fd... descriptors) throws IOException {
      socket.send(bytes, descriptors);
      try (Packet answer = socket.receive(PATIENCE)) {
        return WorkloadResponse.parseFrom(answer.data()).getAck().getError();
      } catch (EOFException | ErrnoException _) {
        return CLOSED;
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError("ztunnel answered something that is not a WorkloadResponse", e);
      }
    }

    @Override
    public void close() {
      socket.close();
    }
  }
}
