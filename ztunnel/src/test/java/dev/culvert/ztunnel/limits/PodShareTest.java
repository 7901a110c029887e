// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.spiffe.SpiffeId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class PodShareTest {
  private static final SpiffeId ONE = SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/one");
  private static final SpiffeId TWO = SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/two");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicLong now = new AtomicLong();
  private final AtomicLong buffers = new AtomicLong();

  private NodeLimits node(LimitSettings settings) {
    return new NodeLimits(settings, registry, buffers::get, now::get);
  }

  private static int taken(BooleanSupplier begin) {
    int count = 0;
    while (count < 100_000 && begin.getAsBoolean()) {
      count++;
    }
    return count;
  }

  private double refused(String limit) {
    return TestLimits.refused(registry, limit);
  }

  @Test
  void connectionsOfOnePodBoundedAndFreeAgainWhenTheyEnd() {
    PodShare pod = node(new LimitSettings(3, 9, 9, 3, 9, 9, 1000, 1000)).pod("shop/web");
    assertThat(taken(pod::beginConnection)).isEqualTo(3);
    assertThat(refused("pod_connections")).isEqualTo(1);
    pod.endConnection();
    assertThat(pod.beginConnection()).isTrue();
    assertThat(pod.beginConnection()).isFalse();
  }

  @Test
  void whatComesFromAnotherSocketCountsAsAConnectionOnly() {
    PodShare pod = node(new LimitSettings(3, 9, 9, 3, 9, 9, 1000, 1000)).pod("shop/web");
    assertThat(taken(pod::beginStream)).isEqualTo(3);
    assertThat(TestLimits.descriptors(registry)).isZero();
    assertThat(pod.beginSocket()).isTrue();
    assertThat(TestLimits.descriptors(registry)).isOne();
  }

  @Test
  void connectionWithoutADescriptorIsNone() {
    PodShare pod = node(new LimitSettings(9, 9, 9, 9, 9, 9, 2, 1000)).pod("shop/web");
    assertThat(taken(pod::beginSocket)).isEqualTo(2);
    assertThat(taken(pod::beginConnection)).isZero();
    assertThat(taken(pod::beginTunnel)).isZero();
    pod.endSocket();
    assertThat(taken(pod::beginConnection)).isOne();
    assertThat(taken(pod::beginStream)).isEqualTo(8);
  }

  @Test
  void tunnelsToOnePodBounded() {
    PodShare pod = node(new LimitSettings(9, 3, 9, 9, 9, 9, 1000, 1000)).pod("shop/web");
    assertThat(taken(pod::beginTunnel)).isEqualTo(3);
    assertThat(refused("pod_tunnels")).isEqualTo(1);
    pod.endTunnel();
    assertThat(pod.beginTunnel()).isTrue();
  }

  @Test
  void onePeersTunnelsDoNotShutOutAnother() {
    PodShare pod = node(new LimitSettings(9, 9, 9, 9, 2, 9, 1000, 1000)).pod("shop/web");
    assertThat(taken(() -> pod.beginPeer(ONE))).isEqualTo(2);
    assertThat(refused("peer_tunnels")).isEqualTo(1);
    assertThat(pod.beginPeer(TWO)).isTrue();
    pod.endPeer(ONE);
    assertThat(pod.beginPeer(ONE)).isTrue();
  }

  /** A peer that says nothing until it is closed. */
  private static final class Silent implements Proving {
    private boolean closed;

    @Override
    public void makeRoom() {
      closed = true;
    }
  }

  private static Silent begun(PodShare pod) {
    Silent peer = new Silent();
    pod.beginHandshake(peer);
    return peer;
  }

  @Test
  void onePeersConnectionsDoNotShutOutAnother() {
    PodShare pod = node(new LimitSettings(9, 9, 9, 4, 9, 9, 1000, 1000)).pod("shop/web");
    assertThat(taken(() -> pod.beginStream(ONE))).isEqualTo(4);
    assertThat(refused("peer_connections")).isEqualTo(1);
    assertThat(taken(() -> pod.beginStream(TWO))).isEqualTo(4);
    pod.endStream(ONE);
    assertThat(pod.beginStream(ONE)).isTrue();
    assertThat(pod.beginStream()).as("the ninth of the pod").isTrue();
    assertThat(pod.beginStream(TWO)).isFalse();
    assertThat(refused("pod_connections")).isEqualTo(1);
    assertThat(refused("peer_connections")).isEqualTo(2);
  }

  @Test
  void oldestHandshakeOfThePodMakesRoom() {
    PodShare pod = node(new LimitSettings(9, 9, 2, 9, 9, 9, 1000, 1000)).pod("shop/web");
    Silent first = begun(pod);
    Silent second = begun(pod);
    assertThat(first.closed).isFalse();
    Silent third = begun(pod);
    assertThat(first.closed).isTrue();
    assertThat(second.closed || third.closed).isFalse();
    assertThat(refused("pod_handshakes")).isEqualTo(1);
    pod.endHandshake(second);
    begun(pod);
    assertThat(third.closed).isFalse();
  }

  @Test
  void silentPeersOfOtherPodsKeepNobodyOut() {
    NodeLimits node = node(new LimitSettings(9, 9, 2, 9, 9, 4, 1000, 1000));
    PodShare flooded = node.pod("shop/web");
    PodShare alsoFlooded = node.pod("shop/api");
    Silent oldest = begun(flooded);
    begun(flooded);
    begun(alsoFlooded);
    begun(alsoFlooded);
    PodShare quiet = node.pod("shop/db");
    Silent honest = begun(quiet);
    assertThat(oldest.closed).isTrue();
    assertThat(honest.closed).isFalse();
    assertThat(refused("node_handshakes")).isEqualTo(1);
    assertThat(registry.get("culvert_limit_handshakes").gauge().value()).isEqualTo(4);
  }

  @Test
  void noisyPodGetsHalfOfTheDescriptorsAndTheOthersTheirSharesOfTheRest() {
    NodeLimits node = node(new LimitSettings(10_000, 9, 9, 10_000, 9, 9, 1000, 1000));
    PodShare noisy = node.pod("shop/noisy");
    List<PodShare> others = List.of(node.pod("shop/a"), node.pod("shop/b"), node.pod("shop/c"));
    assertThat(taken(noisy::beginConnection)).isEqualTo(500);
    assertThat(refused("pod_share")).isEqualTo(1);
    for (PodShare other : others) {
      assertThat(taken(other::beginConnection)).isEqualTo(500 / 3);
    }
    assertThat(noisy.beginConnection()).isFalse();
  }

  @Test
  void lonePodMayHaveAllDescriptorsAndNoMore() {
    NodeLimits node = node(new LimitSettings(10_000, 9, 9, 10_000, 9, 9, 1000, 1000));
    PodShare lone = node.pod("shop/web");
    node.pod("shop/gone").close();
    assertThat(taken(lone::beginConnection)).isEqualTo(1000);
    assertThat(refused("descriptors")).isEqualTo(1);
    for (int i = 0; i < 1000; i++) {
      lone.endConnection();
    }
    assertThat(registry.get("culvert_limit_descriptors").gauge().value()).isZero();
  }

  @Test
  void nothingNewWhileBuffersTakeTooMuch() {
    PodShare pod = node(new LimitSettings(9, 9, 9, 9, 9, 9, 1000, 1000)).pod("shop/web");
    assertThat(pod.beginConnection()).isTrue();
    buffers.set(1001);
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    assertThat(pod.beginConnection()).isFalse();
    assertThat(pod.beginTunnel()).isFalse();
    assertThat(refused("buffers")).isEqualTo(2);
    buffers.set(1000);
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    assertThat(pod.beginConnection()).isTrue();
  }
}
