// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.discovery.TypeUrl.ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a proxy is told that asks by name. */
final class NamedDiscoveryTest extends DiscoveryCase {
  @Test
  void namedSubscriptionGetsWhatItNames() throws Exception {
    publish(List.of(workload("a", ""), workload("b", "")), List.of());
    TestStream stream = client.discovery();
    stream.subscribe(ADDRESS, "b", "nowhere");
    DeltaDiscoveryResponse first = stream.response();
    assertThat(names(first)).containsExactly("b");
    assertThat(first.getRemovedResourcesList()).containsExactly("nowhere");

    publish(List.of(workload("a", "x"), workload("b", "y"), workload("nowhere", "")), List.of());
    assertThat(names(stream.response())).containsExactly("b", "nowhere");
    publish(List.of(workload("a", "x"), workload("nowhere", "")), List.of());
    assertThat(stream.response().getRemovedResourcesList()).containsExactly("b");
  }

  @Test
  void nameIsFoundByAlias() throws Exception {
    publish(List.of(workload("a", "")), List.of());
    TestStream stream = client.discovery();
    stream.subscribe(ADDRESS, "/alias-of-a");
    assertThat(names(stream.response())).containsExactly("a");
    stream.subscribe(ADDRESS, "/alias-of-a");
    assertThat(names(stream.response())).containsExactly("a");
  }

  @Test
  void onDemandClientGetsNothingUnasked() throws Exception {
    publish(List.of(workload("a", ""), workload("b", "")), List.of());
    TestStream stream = client.discovery();
    stream.send(
        TestStream.request(ADDRESS)
            .addResourceNamesSubscribe("*")
            .addResourceNamesUnsubscribe("*"));
    assertThat(stream.response().getResourcesList()).isEmpty();
    stream.subscribe(ADDRESS, "a");
    assertThat(names(stream.response())).containsExactly("a");
  }

  @Test
  void unsubscribedNameIsSilent() throws Exception {
    publish(List.of(workload("a", ""), workload("b", "")), List.of());
    TestStream stream = client.discovery();
    stream.subscribe(ADDRESS, "a", "b");
    assertThat(names(stream.response())).containsExactly("a", "b");
    stream.send(TestStream.request(ADDRESS).addResourceNamesUnsubscribe("a"));
    stream.subscribe(ADDRESS, "b");
    assertThat(names(stream.response())).containsExactly("b");
    publish(List.of(workload("a", "x"), workload("b", "y")), List.of());
    assertThat(names(stream.response())).containsExactly("b");
  }
}
