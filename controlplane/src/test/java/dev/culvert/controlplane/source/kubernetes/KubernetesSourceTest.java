// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import static dev.culvert.controlplane.source.kubernetes.FollowedMesh.ip;
import static dev.culvert.controlplane.source.kubernetes.FollowedMesh.key;
import static dev.culvert.controlplane.source.kubernetes.FollowedMesh.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.AuthorizationRule;
import dev.culvert.policy.resource.BackendTlsPolicyResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an API server has, and what of it is told. */
@Timeout(60)
class KubernetesSourceTest {
  private static final String BACKEND_TLS =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: BackendTLSPolicy
      metadata: {name: secure, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: web}]
        validation: {wellKnownCACertificates: %s, hostname: web.internal}
      """;
  private static final String POLICY =
      """
      apiVersion: %s
      kind: AuthorizationPolicy
      metadata: {name: closed, namespace: shop}
      spec: {action: %s}
      """;

  private FollowedMesh mesh;

  @BeforeEach
  void open() throws Exception {
    mesh = new FollowedMesh();
  }

  @AfterEach
  void close() {
    mesh.close();
  }

  @Test
  void startKnowsAllThereIsOverManyPages() throws Exception {
    IntStream.range(0, 1_234).forEach(i -> mesh.server().apply(pod("web-" + i, "198.18.0.1")));
    mesh.start();
    assertThat(mesh.known()).hasSize(1_234);
  }

  @Test
  void changesFollow() throws Exception {
    mesh.server().apply(pod("web", "198.18.0.1"));
    mesh.start();
    mesh.server().apply(pod("web", "198.18.0.2"));
    mesh.await(now -> ip(now, "web").equals("198.18.0.2"));
    mesh.server().apply(pod("db", "198.18.0.3"));
    mesh.await(now -> now.containsKey(key("db")));
    mesh.server().delete("v1", "pods", "shop", "web");
    mesh.await(now -> !now.containsKey(key("web")));
  }

  @Test
  void kindInstalledLaterIsFollowedAndLetGoWhenItIsRemoved() throws Exception {
    mesh.start();
    ResourceKey policy = new ResourceKey("AuthorizationPolicy", "shop", "closed");
    mesh.server().apply(POLICY.formatted("security.istio.io/v1", "DENY"));
    mesh.await(now -> now.containsKey(policy));
    mesh.server().uninstall("security.istio.io/v1", "authorizationpolicies");
    mesh.await(now -> !now.containsKey(policy));
    mesh.server().apply(POLICY.formatted("security.istio.io/v1", "ALLOW"));
    mesh.await(now -> now.containsKey(policy));
  }

  @Test
  void ownGroupGoesBeforeIstios() throws Exception {
    mesh.server().apply(POLICY.formatted("security.istio.io/v1", "DENY"));
    mesh.start();
    ResourceKey policy = new ResourceKey("AuthorizationPolicy", "shop", "closed");
    Resource istio = mesh.known().get(policy);
    mesh.server().apply(POLICY.formatted("policy.culvert.dev/v1alpha1", "ALLOW"));
    mesh.await(now -> !now.get(policy).equals(istio));
    mesh.server().delete("policy.culvert.dev/v1alpha1", "authorizationpolicies", "shop", "closed");
    mesh.await(now -> istio.equals(now.get(policy)));
  }

  @Test
  void objectWithAnErrorKeepsWhatItSaid() throws Exception {
    mesh.server().apply(POLICY.formatted("policy.culvert.dev/v1alpha1", "DENY"));
    mesh.start();
    ResourceKey policy = new ResourceKey("AuthorizationPolicy", "shop", "closed");
    Resource before = mesh.known().get(policy);
    mesh.server().apply(POLICY.formatted("policy.culvert.dev/v1alpha1", "DENI"));
    mesh.awaitErrors(1);
    assertThat(mesh.errors().getFirst().toString())
        .startsWith("AuthorizationPolicy.policy.culvert.dev shop/closed: spec.action: 'DENI'");
    assertThat(mesh.known()).containsEntry(policy, before);
    mesh.server().delete("policy.culvert.dev/v1alpha1", "authorizationpolicies", "shop", "closed");
    mesh.awaitErrors(0);
    mesh.await(now -> !now.containsKey(policy));
  }

  @Test
  void backendTlsPolicyBrokenAtStartTrustsNobodyUntilItIsCorrected() throws Exception {
    mesh.server().install("gateway.networking.k8s.io/v1", "backendtlspolicies");
    mesh.server().apply(BACKEND_TLS.formatted("Systen"));
    mesh.start();
    ResourceKey key = new ResourceKey("BackendTLSPolicy", "shop", "secure");
    BackendTlsPolicyResource closed = (BackendTlsPolicyResource) mesh.known().get(key);
    assertThat(closed.isClosed()).isTrue();
    assertThat(closed.targets()).hasSize(1);
    assertThat(mesh.notices().getFirst().toString()).contains("nothing is sent to them");

    mesh.server().apply(BACKEND_TLS.formatted("System"));
    mesh.await(now -> now.get(key) instanceof BackendTlsPolicyResource one && !one.isClosed());
  }

  @Test
  void policyBrokenAtStartIsClosedUntilItIsCorrected() throws Exception {
    mesh.server().apply(POLICY.formatted("policy.culvert.dev/v1alpha1", "DENI"));
    mesh.start();
    ResourceKey key = new ResourceKey("AuthorizationPolicy", "shop", "closed");
    AuthorizationPolicy closed = (AuthorizationPolicy) mesh.known().get(key);
    assertThat(closed.action()).isEqualTo(AuthorizationPolicy.Action.DENY);
    assertThat(closed.rules())
        .containsExactly(new AuthorizationRule(List.of(), List.of(), List.of()));
    assertThat(mesh.errors()).hasSize(1);
    assertThat(mesh.notices().getFirst().toString())
        .contains("closed until it is corrected", "it forbids everything");

    mesh.server().apply(POLICY.formatted("policy.culvert.dev/v1alpha1", "ALLOW"));
    mesh.await(now -> !now.get(key).equals(closed));
    mesh.awaitErrors(0);
    assertThat(((AuthorizationPolicy) mesh.known().get(key)).action())
        .isEqualTo(AuthorizationPolicy.Action.ALLOW);
    assertThat(mesh.notices()).isEmpty();
  }

  @Test
  void changeThatMeansNothingToUsIsNotTold() throws Exception {
    mesh.server().apply(pod("web", "198.18.0.1"));
    mesh.start();
    int before = mesh.batches();
    mesh.server().apply(pod("web", "198.18.0.1").replace("phase:", "qosClass: Burstable, phase:"));
    mesh.server().apply(pod("db", "198.18.0.3"));
    mesh.await(now -> now.containsKey(key("db")));
    assertThat(mesh.batches()).isEqualTo(before + 1);
  }

  @Test
  void newerVersionInstalledLaterIsTheSameKind() throws Exception {
    mesh.server().apply(POLICY.formatted("security.istio.io/v1beta1", "DENY"));
    mesh.start();
    ResourceKey policy = new ResourceKey("AuthorizationPolicy", "shop", "closed");
    assertThat(mesh.known()).containsKey(policy);
    mesh.server().apply(POLICY.formatted("security.istio.io/v1", "ALLOW"));
    mesh.server().uninstall("security.istio.io/v1beta1", "authorizationpolicies");
    mesh.await(
        now ->
            now.get(policy) instanceof AuthorizationPolicy one
                && one.action() == AuthorizationPolicy.Action.ALLOW);
  }
}
