// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.culvert.fuzz.Allocation;
import dev.culvert.policy.wire.discovery.Resource;
import java.util.List;

/** Resources as a control plane sends them: taken or rejected by name, never half. */
class DiscoveryFuzzTest {
  private static final String PREFIX = "type.googleapis.com/";

  @FuzzTest
  void address(byte[] input) {
    MeshStore store = new MeshStore("cluster", "network");
    List<ResourceSink.Rejected> rejected =
        Allocation.bounded(
            input,
            () -> store.addressSink().apply(resource("istio.workload.Address", input), List.of()));
    int held = store.workloads().size() + store.services().size();
    assertThat(rejected.size() + held).isEqualTo(1);
    rejected.forEach(DiscoveryFuzzTest::isExplained);
    store.workloads().forEach(w -> w.addresses().forEach(a -> store.workload("network", a)));
    store.services().forEach(s -> assertThat(store.endpoints(s)).isNotNull());
    store.addressSink().apply(List.of(), List.of("fuzzed"));
    assertThat(store.workloads()).isEmpty();
    assertThat(store.services()).isEmpty();
  }

  /** What cannot be held to is either refused for all or kept out, and is gone when taken back. */
  @FuzzTest
  void authorization(byte[] input) {
    MeshStore store = new MeshStore("cluster", "network");
    List<ResourceSink.Rejected> rejected =
        Allocation.bounded(
            input,
            () ->
                store
                    .authorizationSink()
                    .apply(resource("istio.security.Authorization", input), List.of()));
    assertThat(rejected.size()).isLessThanOrEqualTo(1);
    rejected.forEach(DiscoveryFuzzTest::isExplained);
    assertThat(store.policies()).isNotNull();
    assertThat(rejected.isEmpty() ? store.authorizations().size() : 1).isEqualTo(1);
    store.authorizationSink().apply(List.of(), List.of("fuzzed"));
    assertThat(store.authorizations()).isEmpty();
  }

  private static void isExplained(ResourceSink.Rejected rejected) {
    assertThat(rejected.name()).isEqualTo("fuzzed");
    assertThat(rejected.problem()).isNotBlank();
  }

  private static List<Resource> resource(String type, byte[] value) {
    Any any =
        Any.newBuilder().setTypeUrl(PREFIX + type).setValue(ByteString.copyFrom(value)).build();
    return List.of(Resource.newBuilder().setName("fuzzed").setResource(any).build());
  }
}
