// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static dev.culvert.agent.PodTraffic.ELSEWHERE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.linux.bpf.BpfMap;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the kernel has when an agent is killed between two steps, and what the next makes of it. */
final class InterruptedEnrolmentTest extends AgentCase {
  /** As in bpf-programs/include/culvert_abi.h. */
  private static final int FLAGS_AT = 20;

  /** How far a killed agent had come, on the way in or out. */
  enum Left {
    /** The namespace is known. */
    KNOWN(false, false),
    /** Its address leads to it, and nothing is attached. */
    ADDRESSED(true, false),
    /** The link is pinned, and the address is none of the mesh. */
    ATTACHED(false, true),
    /** Inbound is steered, outbound is not captured. */
    STEERED(true, true);

    private final boolean addressed;
    private final boolean attached;

    Left(boolean addressed, boolean attached) {
      this.addressed = addressed;
      this.attached = attached;
    }
  }

  private void startAndServe() throws Exception {
    node.start();
    serve().close();
  }

  private BpfMap map(String name) throws IOException {
    return BpfMap.openPinned(node.pins().resolve("maps").resolve(name));
  }

  private List<Path> pinsOf(String kind) {
    return List.of(node.pins().resolve(kind).toFile().listFiles()).stream()
        .map(File::toPath)
        .toList();
  }

  private void enrolAndLeaveAt(Left left) throws Exception {
    node.write("pod.yaml", pod.yaml("web"));
    startAndServe();
    node.stop();
    try (BpfMap pods = map("pods")) {
      byte[] key = pods.keys().getFirst();
      byte[] value = pods.lookup(key).orElseThrow();
      ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).putInt(FLAGS_AT, 0);
      pods.update(key, value);
    }
    if (!left.addressed) {
      clear("pod_addresses");
    }
    if (!left.attached) {
      Files.delete(pinsOf("netns").getFirst()); // nobody else holds the link
    }
  }

  private void clear(String name) throws IOException {
    try (BpfMap map = map(name)) {
      for (byte[] key : map.keys()) {
        map.delete(key);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Left.class)
  void podIsTakenInFromWhereverTheLastAgentLeftIt(Left left) throws Exception {
    enrolAndLeaveAt(left);
    startAndServe();
    try (ServerSocketChannel proxy = traffic.proxy(15001);
        SocketChannel app = traffic.connect(ELSEWHERE, 80);
        SocketChannel accepted = proxy.accept()) {
      assertThat(app.isConnected()).isTrue();
      assertThat(PodTraffic.originalDestination(accepted))
          .isEqualTo(new InetSocketAddress(ELSEWHERE, 80));
    }
    try (ServerSocketChannel proxy = traffic.proxy(15006);
        SocketChannel other = traffic.connectFromElsewhere(pod.address(), 8080);
        SocketChannel accepted = proxy.accept()) {
      assertThat(other.isConnected()).isTrue();
      assertThat(accepted.getLocalAddress()).isEqualTo(new InetSocketAddress(pod.address(), 8080));
    }
  }

  @ParameterizedTest
  @EnumSource(Left.class)
  void podThatLeftMeanwhileIsLetGoWithAllThatWasItsOwn(Left left) throws Exception {
    enrolAndLeaveAt(left);
    node.delete("pod.yaml");
    node.start();
    node.await(List::isEmpty);
    for (String name : List.of("pods", "pod_addresses")) {
      try (BpfMap map = map(name)) {
        assertThat(map.keys()).as(name).isEmpty();
      }
    }
    assertThat(pinsOf("netns")).isEmpty();
    assertThat(pinsOf("tcp_tw_reuse")).isEmpty();
    try (ServerSocketChannel app = traffic.server(80);
        SocketChannel client = traffic.connectFromElsewhere(pod.address(), 80);
        SocketChannel accepted = app.accept()) {
      assertThat(client.isConnected() && accepted.isConnected()).isTrue();
    }
  }
}
