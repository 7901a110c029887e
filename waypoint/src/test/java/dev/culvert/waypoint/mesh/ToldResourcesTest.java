// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.WrittenResource;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.waypoint.Document;
import dev.culvert.policy.wire.waypoint.Target;
import dev.culvert.ztunnel.xds.ResourceSink.Rejected;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ToldResourcesTest {
  private static final String POLICY =
      """
      apiVersion: policy.culvert.dev/v1alpha1
      kind: AuthorizationPolicy
      metadata: {name: p, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: store}]
        action: DENY
        rules: [{to: [{operation: {paths: ["/admin*"], notPorts: ["81"]}}]}]
      """;
  private static final String ROUTE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: r, namespace: shop, creationTimestamp: "2026-01-02T03:04:05Z"}
      spec:
        parentRefs: [{group: "", kind: Service, name: store}]
        rules:
        - matches: [{path: {type: RegularExpression, value: "/v[12]"}}]
          timeouts: {request: 5s}
          retry: {attempts: 3, codes: [503]}
          filters:
          - {type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: /x}}}
          backendRefs: [{name: store, port: 80, weight: 2}]
      """;
  private static final String MORE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: GRPCRoute
      metadata: {name: g, namespace: shop}
      spec:
        parentRefs: [{group: "", kind: Service, name: store}]
        rules: [{matches: [{method: {service: a.B}}], backendRefs: [{name: store, port: 80}]}]
      ---
      apiVersion: gateway.networking.k8s.io/v1beta1
      kind: ReferenceGrant
      metadata: {name: g, namespace: bank}
      spec:
        from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}]
        to: [{group: "", kind: Service}]
      ---
      apiVersion: security.istio.io/v1
      kind: RequestAuthentication
      metadata: {name: t, namespace: shop}
      spec:
        targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: w}]
        jwtRules: [{issuer: id, jwks: '{"keys":[]}', fromHeaders: [{name: x, prefix: "T "}]}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: w, namespace: shop, labels: {culvert.dev/waypoint-for: all}}
      spec:
        gatewayClassName: culvert-waypoint
        listeners: [{name: mesh, port: 15008, protocol: HBONE}]
      """;

  private final List<ToldResources.Told> heard = new ArrayList<>();
  private final ToldResources told = new ToldResources(heard::add);

  private static List<Resource> wire(String yaml) {
    return ResourceFiles.empty().with(Map.of("f.yaml", yaml)).written().stream()
        .map(ToldResourcesTest::wire)
        .toList();
  }

  private static Resource wire(WrittenResource written) {
    return wire(written.resource().key().toString(), written.text());
  }

  private static Resource wire(String name, String json) {
    return wire(name, json, target("Service", "store"));
  }

  private static Target target(String kind, String name) {
    return Target.newBuilder().setKind(kind).setNamespace("shop").setName(name).build();
  }

  private static Resource wire(String name, String json, Target... targets) {
    return Resource.newBuilder()
        .setName(name)
        .setVersion("1")
        .setResource(
            Any.pack(Document.newBuilder().setJson(json).addAllTargets(List.of(targets)).build()))
        .build();
  }

  private List<Rejected> tell(List<Resource> resources, String... removed) {
    return told.apply(resources, List.of(removed));
  }

  private List<Rejected> tell(Resource resource) {
    return tell(List.of(resource));
  }

  private ToldResources.Told newest() {
    return heard.getLast();
  }

  /** What follows from resources is worked out of nothing else, for a folder and for these. */
  @Test
  void wireGivesTheResourcesOfTheFolder() {
    String yaml = String.join("---\n", POLICY, ROUTE, MORE);
    ResourceFiles folder = ResourceFiles.empty().with(Map.of("f.yaml", yaml));
    assertThat(folder.errors()).isEmpty();
    assertThat(tell(wire(yaml))).isEmpty();
    assertThat(newest().index().all()).containsExactlyInAnyOrderElementsOf(folder.resources());
    assertThat(newest().index().all()).hasSize(6);
    assertThat(newest().problems()).isEmpty();
  }

  @Test
  void brokenPolicyIsClosedAsInTheFolder() {
    String broken = POLICY.replace("notPorts", "notPort");
    ResourceFiles folder = ResourceFiles.empty().with(Map.of("f.yaml", broken));
    assertThat(tell(wire(broken)))
        .singleElement()
        .satisfies(
            one -> assertThat(one.problem()).contains("notPort", "did you mean", "is closed"));
    assertThat(newest().index().all()).isEqualTo(folder.resources()).hasSize(1);
  }

  @Test
  void goodPolicyStaysWhileItsEditCannotBeRead() {
    tell(wire(POLICY));
    List<dev.culvert.policy.resource.Resource> good = newest().index().all();
    assertThat(tell(wire(POLICY.replace("action", "acton")))).hasSize(1);
    assertThat(newest().index().all()).isEqualTo(good);
    assertThat(newest().problems()).singleElement().asString().contains("last good state");
    tell(wire(POLICY.replace("DENY", "ALLOW")));
    assertThat(newest().problems()).isEmpty();
    assertThat(newest().resources(AuthorizationPolicy.class).map(AuthorizationPolicy::action))
        .containsExactly(AuthorizationPolicy.Action.ALLOW);
  }

  @Test
  void whatItIsForIsClosedWhenNothingOfItIsKnown() {
    for (String json :
        List.of(
            "{", "{}", "", "{\"apiVersion\":\"policy.culvert.dev/v9\",\"kind\":\"New\"}", "[]")) {
      assertThat(tell(wire("New shop/x", json))).as(json).hasSize(1);
      assertThat(newest().refusals().of(AskedService.of("store"))).as(json).isPresent();
      assertThat(newest().refusals().of(AskedService.of("other"))).as(json).isEmpty();
    }
    tell(List.of(), "New shop/x");
    assertThat(newest().refusals().of(AskedService.of("store"))).isEmpty();
  }

  @Test
  void routeThatCannotBeReadClosesItsService() {
    Resource broken =
        wire("HTTPRoute shop/r", wireText(ROUTE).replace("\"attempts\"", "\"tries\""));
    assertThat(tell(broken)).hasSize(1);
    assertThat(newest().refusals().of(AskedService.of("store")))
        .hasValueSatisfying(why -> assertThat(why).contains("HTTPRoute shop/r"));
  }

  @Test
  void everythingIsClosedWhenNotEvenTargetsCanBeRead() {
    Resource noMessage =
        Resource.newBuilder()
            .setName("AuthorizationPolicy shop/p")
            .setResource(
                Any.newBuilder()
                    .setTypeUrl(ToldResources.TYPE_URL)
                    .setValue(ByteString.copyFromUtf8("\u0007nonsense")))
            .build();
    assertThat(tell(noMessage)).hasSize(1);
    assertThat(newest().refusals().of(AskedService.of("other"))).isPresent();
  }

  @Test
  void frontDoorIsClosedByWhatCouldBeAPolicyOnly() {
    for (String name : List.of("HTTPRoute shop/r", "Secret shop/s", "Gateway shop/g")) {
      tell(wire(name, "{"));
    }
    assertThat(newest().refusals().door()).isEmpty();
    for (String name : List.of("AuthorizationPolicy shop/p", "New shop/x", "")) {
      tell(wire(name, "{"));
      assertThat(newest().refusals().door()).as(name).isPresent();
      tell(List.of(), name);
    }
    assertThat(newest().refusals().door()).isEmpty();
  }

  @Test
  void policyOfARouteClosesThatRouteOnly() {
    for (String kind : List.of("HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute")) {
      tell(List.of(wire("TrafficPolicy shop/p", "{", target(kind, "r"))));
      Refusals refusals = newest().refusals();
      assertThat(refusals.route(new ResourceKey(kind, "shop", "r")))
          .hasValueSatisfying(why -> assertThat(why).contains("TrafficPolicy shop/p"));
      assertThat(refusals.route(new ResourceKey(kind, "shop", "other"))).isEmpty();
      assertThat(refusals.route(new ResourceKey(kind, "bank", "r"))).isEmpty();
      assertThat(refusals.of(AskedService.of("store"))).as(kind).isEmpty();
      assertThat(refusals.door()).as(kind).isEmpty();
    }
    assertThat(newest().refusals().route(new ResourceKey("HTTPRoute", "shop", "r"))).isEmpty();
  }

  @Test
  void policyOfARouteAndAServiceClosesBoth() {
    tell(
        List.of(
            wire(
                "TrafficPolicy shop/p",
                "{",
                target("HTTPRoute", "r"),
                target("Service", "store"))));
    Refusals refusals = newest().refusals();
    assertThat(refusals.route(new ResourceKey("HTTPRoute", "shop", "r"))).isPresent();
    assertThat(refusals.of(AskedService.of("store"))).isPresent();
    assertThat(refusals.of(AskedService.of("other"))).isEmpty();
    assertThat(refusals.door()).isPresent();
  }

  @Test
  void backendTlsPolicyThatCannotBeReadClosesWhatItIsToldToBeFor() {
    String text =
        """
        {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "BackendTLSPolicy",
         "metadata": {"name": "p", "namespace": "shop"},
         "spec": {"targetRefs": [{"group": "", "kind": "Service", "name": "store"}],
          "validation": {"wellKnownCACertificates": "New", "hostname": "store.internal"}}}
        """;
    tell(List.of(wire("BackendTLSPolicy shop/p", text, target("Service", "store"))));
    assertThat(newest().index().all()).isEmpty();
    assertThat(newest().refusals().backend("shop", "store")).isPresent();
    assertThat(newest().refusals().backend("shop", "other")).isEmpty();
  }

  @Test
  void resourceOfAnotherNameIsRefused() {
    assertThat(tell(wire("AuthorizationPolicy shop/other", wireText(POLICY)))).hasSize(1);
    assertThat(newest().index().all()).isEmpty();
    assertThat(newest().refusals().of(AskedService.of("store"))).isPresent();
  }

  @Test
  void emptyAnswerIsHeard() {
    tell(List.of());
    assertThat(heard).hasSize(1);
  }

  private static String wireText(String yaml) {
    return ResourceFiles.empty().with(Map.of("f.yaml", yaml)).written().getFirst().text();
  }
}
