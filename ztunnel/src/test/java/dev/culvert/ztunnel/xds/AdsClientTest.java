// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import static dev.culvert.ztunnel.xds.Resources.ADDRESS;
import static dev.culvert.ztunnel.xds.Resources.AUTHORIZATION;
import static dev.culvert.ztunnel.xds.Resources.denyAll;
import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static dev.culvert.ztunnel.xds.Resources.response;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.peers.FakeControlPlane;
import dev.culvert.ztunnel.peers.TestCa;
import io.grpc.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdsClientTest {
  private static final String WEB_UID = "Kubernetes//Pod/shop/web";

  @TempDir private Path folder;
  private final TestCa ca = new TestCa("mesh root");
  private final MeshStore store = new MeshStore("Kubernetes", "");
  private final Resource web = resource(pod("shop", "web", "198.18.0.1"));
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private FakeControlPlane controlPlane;
  private AdsClient client;

  @BeforeEach
  void start() throws Exception {
    controlPlane = new FakeControlPlane(folder, ca);
    client = newClient();
    client.start();
  }

  @AfterEach
  void stop() {
    client.close();
    controlPlane.close();
  }

  @Test
  void subscribesToBothTypesWithTheToken() throws Exception {
    FakeControlPlane.Stream stream = controlPlane.nextStream();
    DeltaDiscoveryRequest addresses = stream.nextRequest();
    DeltaDiscoveryRequest policies = stream.nextRequest();

    assertThat(addresses.getTypeUrl()).isEqualTo(ADDRESS);
    assertThat(policies.getTypeUrl()).isEqualTo(AUTHORIZATION);
    assertThat(addresses.getResourceNamesSubscribeList()).isEmpty();
    assertThat(addresses.getInitialResourceVersionsMap()).isEmpty();
    assertThat(addresses.getNode().getId())
        .isEqualTo("ztunnel~10.0.0.7~ztunnel-abc.mesh~mesh.svc.cluster.local");
    assertThat(addresses.getNode().getMetadata().getFieldsOrThrow("CLUSTER_ID").getStringValue())
        .isEqualTo("east");
    assertThat(controlPlane.tenants()).containsExactly("shop");
    assertThat(addresses.getNode().getMetadata().getFieldsOrThrow("NODE_NAME").getStringValue())
        .isEqualTo("one");
    assertThat(controlPlane.tokens()).containsExactly("Bearer first-token");
  }

  @Test
  void readyOnceBothTypesAreAnswered() throws Exception {
    FakeControlPlane.Stream stream = greeted();
    stream.push(response(ADDRESS, "n1", web));
    assertThat(stream.nextRequest().getResponseNonce()).isEqualTo("n1");
    assertThat(client.ready()).isFalse();

    stream.push(response(AUTHORIZATION, "n2"));
    DeltaDiscoveryRequest ack = stream.nextRequest();
    assertThat(ack.getResponseNonce()).isEqualTo("n2");
    assertThat(ack.getTypeUrl()).isEqualTo(AUTHORIZATION);
    assertThat(ack.hasErrorDetail()).isFalse();
    assertThat(client.ready()).isTrue();
    assertThat(store.workload("shop", "web")).isPresent();
  }

  @Test
  void badResourceRefusedAndTheGoodApplied() throws Exception {
    FakeControlPlane.Stream stream = greeted();
    Resource bad = resource("bad", Address.getDefaultInstance());
    stream.push(response(ADDRESS, "n1", bad, web));

    DeltaDiscoveryRequest nack = stream.nextRequest();
    assertThat(nack.getResponseNonce()).isEqualTo("n1");
    assertThat(nack.getErrorDetail().getMessage()).startsWith("bad: ");
    assertThat(store.workload("shop", "web")).isPresent();
  }

  @Test
  void unknownTypeRefused() throws Exception {
    FakeControlPlane.Stream stream = greeted();
    stream.push(response("type.googleapis.com/other", "n1"));

    DeltaDiscoveryRequest nack = stream.nextRequest();
    assertThat(nack.getErrorDetail().getMessage()).contains("type.googleapis.com/other");
  }

  @Test
  void removedResourceForgotten() throws Exception {
    FakeControlPlane.Stream stream = greeted();
    stream.push(response(ADDRESS, "n1", web));
    stream.nextRequest();
    stream.push(response(ADDRESS, "n2").toBuilder().addRemovedResources(WEB_UID).build());
    stream.nextRequest();

    assertThat(store.workload("shop", "web")).isEmpty();
  }

  @Test
  void tellsOfWhatItHoldsWhenItComesBack() throws Exception {
    FakeControlPlane.Stream stream = greeted();
    Resource bad = resource("bad", Address.getDefaultInstance());
    Resource gone = resource(pod("shop", "gone", "198.18.0.2"));
    stream.push(response(ADDRESS, "n1", web, bad, gone));
    stream.nextRequest();
    stream.push(
        response(ADDRESS, "n2").toBuilder()
            .addRemovedResources("Kubernetes//Pod/shop/gone")
            .build());
    stream.nextRequest();
    Resource policy = resource(denyAll("shop", "nobody"));
    stream.push(response(AUTHORIZATION, "n3", policy));
    stream.nextRequest();
    stream.end(Status.UNAVAILABLE.asRuntimeException());

    FakeControlPlane.Stream next = controlPlane.nextStream();
    assertThat(next.nextRequest().getInitialResourceVersionsMap())
        .containsOnly(Map.entry(WEB_UID, web.getVersion()), Map.entry("bad", ""));
    assertThat(next.nextRequest().getInitialResourceVersionsMap()).containsOnlyKeys("shop/nobody");
    assertThat(store.workload("shop", "web")).isPresent();
  }

  @Test
  void unusablePolicyTakenBackMeanwhileIsForgotten() throws Exception {
    FakeControlPlane.Stream stream = greeted();
    Resource policy = resource(denyAll("shop", "nobody").toBuilder().setActionValue(99).build());
    stream.push(response(AUTHORIZATION, "n1", policy));
    assertThat(stream.nextRequest().hasErrorDetail()).isTrue();
    assertThat(store.policies().size()).isOne();
    stream.end(Status.UNAVAILABLE.asRuntimeException());

    FakeControlPlane.Stream next = controlPlane.nextStream();
    next.nextRequest();
    assertThat(next.nextRequest().getInitialResourceVersionsMap()).containsOnlyKeys("shop/nobody");
    next.push(response(AUTHORIZATION, "n2").toBuilder().addRemovedResources("shop/nobody").build());
    next.nextRequest();
    assertThat(store.policies().size()).isZero();
  }

  @Test
  void lastStateStaysWhileTheControlPlaneIsAway() throws Exception {
    FakeControlPlane.Stream stream = greeted();
    stream.push(response(ADDRESS, "n1", web));
    stream.push(response(AUTHORIZATION, "n2"));
    stream.nextRequest();
    stream.nextRequest();
    controlPlane.stop();

    assertThat(client.ready()).isTrue();
    assertThat(store.workload("shop", "web")).isPresent();
    controlPlane.listen(ca);
    assertThat(greeted()).isNotNull();
  }

  @Test
  void connectsOnceTheControlPlaneIsThere() throws Exception {
    client.close();
    controlPlane.stop();
    try (AdsClient early = newClient()) {
      early.start();
      controlPlane.listen(ca);
      FakeControlPlane.Stream stream = greeted();
      stream.push(response(ADDRESS, "n1"));
      stream.push(response(AUTHORIZATION, "n2"));
      Await.until("readiness", early::ready);
    }
  }

  @Test
  void messagesCountedByType() throws Exception {
    FakeControlPlane.Stream stream = greeted();
    stream.push(response(ADDRESS, "n1", web));
    stream.nextRequest();
    stream.push(response("unheard of", "n2"));
    stream.nextRequest();

    assertThat(registry.counter("istio_xds_message", "url", ADDRESS).count()).isEqualTo(1);
    assertThat(registry.counter("istio_xds_message", "url", "other").count()).isEqualTo(1);
  }

  private AdsClient newClient() throws Exception {
    NodeIdentity node =
        new NodeIdentity("one", "ztunnel-abc", "mesh", "10.0.0.7", Map.of("CLUSTER_ID", "east"));
    return new AdsClient(
        controlPlane.client().withHeaders(Map.of("x-tenant", "shop")),
        controlPlane.endpoint(),
        node,
        store,
        registry,
        false);
  }

  private FakeControlPlane.Stream greeted() throws InterruptedException {
    FakeControlPlane.Stream stream = controlPlane.nextStream();
    stream.nextRequest();
    stream.nextRequest();
    return stream;
  }
}
