// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.discovery.TypeUrl.ADDRESS;
import static dev.culvert.controlplane.discovery.TypeUrl.AUTHORIZATION;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.workload.Address;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a proxy is told that asks for everything. */
final class DiscoveryServiceTest extends DiscoveryCase {
  @Test
  void firstRequestGetsEverything() throws Exception {
    publish(List.of(workload("a", ""), workload("b", "")), List.of(policy("p")));
    TestStream stream = client.discovery();
    stream.subscribe(ADDRESS);
    DeltaDiscoveryResponse addresses = stream.response();
    stream.subscribe(AUTHORIZATION, "*");
    DeltaDiscoveryResponse policies = stream.response();

    assertThat(addresses.getTypeUrl()).isEqualTo(ADDRESS);
    assertThat(names(addresses)).containsExactly("a", "b");
    Address address = addresses.getResources(0).getResource().unpack(Address.class);
    assertThat(address.getWorkload().getName()).isEqualTo("a");
    assertThat(names(policies)).containsExactly("p");
    assertThat(policies.getNonce()).isNotEqualTo(addresses.getNonce()).isNotEmpty();
  }

  @Test
  void emptyMeshIsAnsweredToo() throws Exception {
    TestStream stream = client.discovery();
    stream.subscribe(ADDRESS);
    assertThat(stream.response().getResourcesList()).isEmpty();
    stream.subscribe(AUTHORIZATION);
    assertThat(stream.response().getTypeUrl()).isEqualTo(AUTHORIZATION);
  }

  @Test
  void onlyTheChangeIsPushed() throws Exception {
    publish(List.of(workload("a", ""), workload("b", "")), List.of());
    TestStream stream = subscribed();

    publish(List.of(workload("a", ""), workload("b", "node-2"), workload("c", "")), List.of());
    DeltaDiscoveryResponse changed = stream.response();
    assertThat(names(changed)).containsExactly("b", "c");
    assertThat(changed.getRemovedResourcesList()).isEmpty();
    stream.acknowledge(changed);

    publish(List.of(workload("b", "node-2")), List.of());
    DeltaDiscoveryResponse removed = stream.response();
    assertThat(names(removed)).isEmpty();
    assertThat(removed.getRemovedResourcesList()).containsExactly("a", "c");
  }

  @Test
  void sameContentIsNotPushedAgain() throws Exception {
    publish(List.of(workload("a", "")), List.of());
    TestStream stream = subscribed();
    publish(List.of(workload("a", "")), List.of());
    publish(List.of(workload("a", ""), workload("b", "")), List.of());
    assertThat(names(stream.response())).containsExactly("b");
  }

  @Test
  void rejectedResourceIsNotSentUntilItChanges() throws Exception {
    publish(List.of(workload("a", "")), List.of());
    TestStream stream = client.discovery();
    stream.subscribe(ADDRESS);
    stream.send(
        TestStream.request(ADDRESS)
            .setResponseNonce(stream.response().getNonce())
            .setErrorDetail(Status.newBuilder().setCode(3).setMessage("bad\nresource")));
    publish(List.of(workload("a", ""), workload("b", "")), List.of());
    assertThat(names(stream.response())).containsExactly("b");
    publish(List.of(workload("a", "node-2"), workload("b", "")), List.of());
    assertThat(names(stream.response())).containsExactly("a");
  }

  @Test
  void policyComesBeforeItsWorkloadAndGoesAfter() throws Exception {
    TestStream stream = subscribed();
    stream.subscribe(AUTHORIZATION);
    stream.response();

    publish(List.of(workload("a", "")), List.of(policy("p")));
    assertThat(names(stream.response())).containsExactly("p");
    assertThat(names(stream.response())).containsExactly("a");

    publish(List.of(workload("a", "node-2")), List.of());
    assertThat(names(stream.response())).containsExactly("a");
    assertThat(stream.response().getRemovedResourcesList()).containsExactly("p");
  }

  @Test
  void slowReaderGetsTheNewestStateNotEveryStep() throws Exception {
    TestStream stream = subscribed();
    String big = "x".repeat(1 << 20);
    stream.pause();
    for (int i = 0; i < 50; i++) {
      publish(List.of(workload("a", big + i)), List.of());
    }
    stream.read();
    int responses = 0;
    String node;
    do {
      node =
          stream
              .response()
              .getResources(0)
              .getResource()
              .unpack(Address.class)
              .getWorkload()
              .getNode();
      responses++;
    } while (!node.equals(big + 49));
    assertThat(responses).isLessThan(25);
  }
}
