// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.Requests.good;
import static dev.culvert.controlplane.TestCluster.names;
import static dev.culvert.controlplane.discovery.TypeUrl.ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Replicas beside each other: whichever answers, answers the same. */
@Timeout(90)
class ClusterReplicasTest extends ClusterCase {
  @Test
  void twoReplicasHaveOneRootAndEitherServes() throws Exception {
    try (ControlPlane second = cluster.replica("b");
        TestClient one = cluster.client(second, "one")) {
      cluster.plane().close();
      TestStream stream = one.discovery();
      stream.subscribe(ADDRESS);
      assertThat(names(stream.response())).contains("Kubernetes//Pod/shop/web");
      assertThat(one.certificates().createCertificate(good("shop", "web")).getCertChainCount())
          .isEqualTo(2);
    }
  }

  @Test
  void versionsAreTheSameInEveryReplica() throws Exception {
    Map<String, String> versions = new HashMap<>();
    try (TestClient one = cluster.client("one")) {
      TestStream stream = one.discovery();
      stream.subscribe(ADDRESS);
      stream
          .response()
          .getResourcesList()
          .forEach(resource -> versions.put(resource.getName(), resource.getVersion()));
    }
    try (ControlPlane second = cluster.replica("b");
        TestClient one = cluster.client(second, "one")) {
      TestStream stream = one.discovery();
      stream.resume(ADDRESS, versions);
      DeltaDiscoveryResponse response = stream.response();
      assertThat(response.getResourcesList()).isEmpty();
      assertThat(response.getRemovedResourcesList()).isEmpty();
    }
  }
}
