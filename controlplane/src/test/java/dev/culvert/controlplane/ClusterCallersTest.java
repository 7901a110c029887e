// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.TestCluster.refused;
import static dev.culvert.controlplane.discovery.TypeUrl.ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.source.kubernetes.ApiServer.Token;
import io.grpc.Status;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who calls a control plane of a cluster, and what is refused to whom. */
@Timeout(90)
class ClusterCallersTest extends ClusterCase {
  @Test
  void waypointGetsNoOtherIdentity() throws Exception {
    cluster
        .server()
        .issue("store", new Token("shop:store", "istio-ca", "store-1", "st-1", "node-2"));
    try (TestClient store = cluster.client("store")) {
      for (String other : List.of("web", "default", "storefront")) {
        refused(store, other, Status.Code.PERMISSION_DENIED, "not the identity of waypoint shop");
      }
    }
  }

  @Test
  void podThatIsNoWaypointIsRefused() throws Exception {
    cluster.server().issue("web", new Token("shop:web", "istio-ca", "web", "web-1", "node-1"));
    try (TestClient web = cluster.client("web")) {
      refused(web, "web", Status.Code.PERMISSION_DENIED, "is no pod of a waypoint");
    }
  }

  @Test
  void tokenOfDeletedWaypointPodIsRefused() throws Exception {
    cluster
        .server()
        .issue("store", new Token("shop:store", "istio-ca", "store-1", "st-1", "node-2"));
    try (TestClient store = cluster.client("store")) {
      TestStream stream = store.discovery();
      stream.subscribe(ADDRESS);
      stream.response();
      cluster.server().delete("v1", "pods", "shop", "store-1");
      stream.response();
      refused(store, "store", Status.Code.PERMISSION_DENIED, "store-1 of the token is not running");
    }
  }

  @Test
  void identityOfAnotherNodeIsRefused() throws Exception {
    try (TestClient two = cluster.client("two")) {
      refused(two, "web", Status.Code.PERMISSION_DENIED, "no pod on node node-2 has identity");
    }
  }

  @Test
  void podThatIsGoneGetsNothingMore() throws Exception {
    try (TestClient one = cluster.client("one")) {
      TestStream stream = one.discovery();
      stream.subscribe(ADDRESS);
      stream.response();
      cluster.server().delete("v1", "pods", "shop", "web");
      stream.response();
      refused(one, "web", Status.Code.PERMISSION_DENIED, "no pod on node node-1 has identity");
      cluster.server().delete("v1", "pods", "culvert-system", "ztunnel-1");
      stream.response();
      refused(one, "web", Status.Code.PERMISSION_DENIED, "is not running");
    }
  }

  @Test
  void tokenThatRanOutIsRefused() throws Exception {
    cluster.server().revoke("one");
    try (TestClient one = cluster.client("one")) {
      refused(one, "web", Status.Code.UNAUTHENTICATED, "does not accept the token");
    }
  }

  @Test
  void refusalsAreAudited() throws Exception {
    try (CapturedLog audit = new CapturedLog("dev.culvert.audit");
        TestClient two = cluster.client("two");
        TestClient stranger = cluster.client("unknown")) {
      refused(two, "web", Status.Code.PERMISSION_DENIED, "no pod on node");
      refused(stranger, "web", Status.Code.UNAUTHENTICATED, "does not accept");
      assertThat(audit.lines())
          .anyMatch(line -> line.contains("certificate refused: node=node-2"))
          .anyMatch(line -> line.contains("call refused:") && line.contains("does not accept"));
    }
  }
}
