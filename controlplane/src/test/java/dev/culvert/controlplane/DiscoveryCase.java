// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.discovery.TypeUrl.ADDRESS;
import static dev.culvert.controlplane.discovery.TypeUrl.AUTHORIZATION;

import com.google.protobuf.ByteString;
import dev.culvert.controlplane.discovery.DiscoverySnapshot;
import dev.culvert.controlplane.discovery.ResourceSet;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.Workload;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A control plane whose resources the test publishes, and a proxy that asks for them. */
abstract class DiscoveryCase {
  @TempDir Path folder;
  TestPlane plane;
  TestClient client;

  @BeforeEach
  final void start() throws Exception {
    plane = new TestPlane(folder);
    client = plane.client("one");
  }

  @AfterEach
  final void stop() {
    client.close();
    plane.close();
  }

  final TestStream subscribed() throws Exception {
    TestStream stream = client.discovery();
    stream.subscribe(ADDRESS);
    stream.acknowledge(stream.response());
    return stream;
  }

  final void publish(List<Resource> addresses, List<Resource> policies) {
    plane.snapshots.publish(
        new DiscoverySnapshot(ResourceSet.of(addresses), ResourceSet.of(policies), Map.of()));
  }

  static Resource workload(String name, String node) {
    Workload workload =
        Workload.newBuilder()
            .setName(name)
            .setNode(node)
            .addAddresses(ByteString.copyFrom(new byte[] {(byte) 198, 18, 0, 1}))
            .build();
    return ResourceSet.resource(
        ADDRESS,
        name,
        List.of("/alias-of-" + name),
        Address.newBuilder().setWorkload(workload).build());
  }

  static Resource policy(String name) {
    return ResourceSet.resource(
        AUTHORIZATION, name, List.of(), Authorization.newBuilder().setName(name).build());
  }

  static List<String> names(DeltaDiscoveryResponse response) {
    List<String> names = new ArrayList<>();
    response.getResourcesList().forEach(resource -> names.add(resource.getName()));
    return names;
  }
}
