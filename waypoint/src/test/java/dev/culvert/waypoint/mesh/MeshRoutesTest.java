// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.wire.waypoint.Target;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.ztunnel.xds.AppProtocol;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.ServicePort;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Routes of connections that name a service, each feature by the text of the specification. */
final class MeshRoutesTest {
  private static final String OLD = "2026-01-01T00:00:00Z";
  private static final String YOUNG = "2026-02-01T00:00:00Z";
  private static final String TO_WEB = "{name: web, port: 80}";
  private static final Own OWN = new Own(own("own"), own("own"));

  private static Destination own(String name) {
    return new Destination("shop", name, 80, asking -> new Pick.None(false, "none here"));
  }

  private final MeshOfWeb mesh = new MeshOfWeb();

  @BeforeEach
  void serve() {
    mesh.serve(MeshOfWeb.pod("web-1", "eu", 2, true));
  }

  private static String route(
      String kind, String name, String namespace, String made, String parent, String backends) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: %s
    metadata: {name: %s, namespace: %s, creationTimestamp: "%s"}
    spec:
      parentRefs: [{group: "", kind: Service, name: web, namespace: shop%s}]
      rules: [{backendRefs: [%s]}]
    """
        .formatted(kind, name, namespace, made, parent, backends);
  }

  private static String tcp(String name, String backends) {
    return route("TCPRoute", name, "shop", OLD, "", backends);
  }

  private MeshRoutes routes(String yaml, Refusals refusals) {
    ResourceFiles files = ResourceFiles.empty().with(Map.of("routes.yaml", yaml));
    assertThat(files.errors()).isEmpty();
    return new MeshRoutes(files, mesh.backends(), MeshOfWeb.UNASKED, refusals, new Kept());
  }

  private Asked.OfService asked(int port, AppProtocol protocol) {
    Service service = mesh.service();
    return new Asked.OfService(
        service,
        new ServicePort(port, 8080, protocol),
        new InetSocketAddress(MeshOfWeb.VIP.getAddress(), port));
  }

  private Carriage carriage(String yaml, AppProtocol protocol, String namespace) {
    return routes(yaml, Refusals.NONE)
        .of(asked(80, protocol), OWN, List.of(), new Kept())
        .carriages()
        .of(SpiffeId.parse("spiffe://cluster.local/ns/" + namespace + "/sa/client"));
  }

  private RoutePlan plan(String yaml, AppProtocol protocol) {
    return ((Carriage.Bytes) carriage(yaml, protocol, "shop")).plan();
  }

  private static String drawn(RoutePlan plan) {
    return plan.draw().destination().service();
  }

  @Test
  void connectionsGoToTheServiceItselfWhereThereIsNoRoute() {
    assertThat(drawn(plan("", AppProtocol.TCP))).isEqualTo("own");
    assertThat(drawn(plan("", AppProtocol.UNKNOWN))).isEqualTo("own");
    assertThat(carriage("", AppProtocol.HTTP1, "shop")).isEqualTo(new Carriage.Requests());
  }

  @Test
  void tcpRouteSplitsConnectionsByWeight() {
    RoutePlan plan =
        plan(
            tcp(
                "split",
                "{name: web, port: 80, weight: 3}, {name: other, port: 80}, {name: idle, port: 80, weight: 0}"),
            AppProtocol.TCP);
    Set<String> drawn = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      drawn.add(drawn(plan));
    }
    assertThat(drawn).containsExactlyInAnyOrder("web", "other");
  }

  @Test
  void tcpRouteIsForThePortThatItNames() {
    String route = route("TCPRoute", "r", "shop", OLD, ", port: 80", TO_WEB);
    assertThat(drawn(plan(route, AppProtocol.TCP))).isEqualTo("web");
    assertThat(drawn(plan(route.replace("port: 80}]", "port: 81}]"), AppProtocol.TCP)))
        .isEqualTo("own");
  }

  @Test
  void sectionOfAParentIsTheNameOfAPort() {
    String service =
        """
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {ports: [{name: named, port: %d}]}
        """;
    String route = route("TCPRoute", "r", "shop", OLD, ", sectionName: named", TO_WEB);
    assertThat(drawn(plan(route + service.formatted(80), AppProtocol.TCP))).isEqualTo("web");
    assertThat(drawn(plan(route + service.formatted(81), AppProtocol.TCP))).isEqualTo("own");
    assertThat(drawn(plan(route, AppProtocol.TCP))).isEqualTo("own");
  }

  @Test
  void oldestOfSeveralTcpRoutesHasTheConnections() {
    String both =
        route("TCPRoute", "a", "shop", YOUNG, "", "{name: young, port: 80}")
            + route("TCPRoute", "b", "shop", OLD, "", "{name: old, port: 80}");
    assertThat(drawn(plan(both, AppProtocol.TCP))).isEqualTo("old");
  }

  @Test
  void tcpRouteOfAConsumerIsForClientsOfItsNamespace() {
    String consumer =
        route("TCPRoute", "r", "guests", OLD, "", "{name: web, namespace: guests, port: 80}");
    assertThat(carriage(consumer, AppProtocol.HTTP1, "shop")).isEqualTo(new Carriage.Requests());
    assertThat(carriage(consumer, AppProtocol.HTTP1, "guests")).isInstanceOf(Carriage.Bytes.class);
  }

  @Test
  void httpRouteGoesBeforeATcpRouteForThePort() {
    String both = tcp("tcp", TO_WEB) + route("HTTPRoute", "http", "shop", YOUNG, "", TO_WEB);
    assertThat(carriage(both, AppProtocol.UNKNOWN, "shop")).isEqualTo(new Carriage.Requests());
  }

  @Test
  void portThatSaysTcpIsNoMatterForAnHttpRoute() {
    String both = tcp("tcp", TO_WEB) + route("HTTPRoute", "http", "shop", OLD, "", TO_WEB);
    assertThat(drawn(plan(both, AppProtocol.TCP))).isEqualTo("web");
  }

  private static String tls(String name, String made, String hostnames) {
    return route("TLSRoute", name, "shop", made, "", "{name: %s, port: 80}".formatted(name))
        .replace("  rules:", "  hostnames: [%s]\n  rules:".formatted(hostnames));
  }

  private Optional<String> byName(String yaml, String serverName) {
    Carriage carriage = carriage(yaml, AppProtocol.TLS, "shop");
    return ((Carriage.Handshake) carriage).plans().find(serverName).map(MeshRoutesTest::drawn);
  }

  @Test
  void tlsRouteHasTheConnectionsThatAskForItsNames() {
    String both = tls("exact", YOUNG, "a.example.com") + tls("any", OLD, "'*.example.com'");
    assertThat(byName(both, "a.example.com")).contains("exact");
    assertThat(byName(both, "b.c.example.com")).contains("any");
    assertThat(byName(both, "example.com")).isEmpty();
    assertThat(byName(both, "")).isEmpty();
  }

  @Test
  void olderOfTwoTlsRoutesHasAName() {
    String both =
        tls("young", YOUNG, "a.example.com, b.example.com") + tls("old", OLD, "a.example.com");
    assertThat(byName(both, "a.example.com")).contains("old");
    assertThat(byName(both, "b.example.com")).contains("young");
  }

  @Test
  void tlsRouteGoesBeforeATcpRouteForThePort() {
    String both = tcp("tcp", TO_WEB) + tls("names", YOUNG, "a.example.com");
    assertThat(byName(both, "a.example.com")).contains("names");
    assertThat(byName(both, "b.example.com")).isEmpty();
    assertThat(carriage(both, AppProtocol.TCP, "shop")).isInstanceOf(Carriage.Bytes.class);
    assertThat(carriage(both, AppProtocol.HTTP1, "shop")).isInstanceOf(Carriage.Bytes.class);
  }

  @Test
  void backendOfAnotherNamespaceNeedsAGrant() {
    String route = tcp("r", "{name: vault, namespace: bank, port: 80}");
    String grant =
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1beta1
        kind: ReferenceGrant
        metadata: {name: g, namespace: bank}
        spec:
          from: [{group: gateway.networking.k8s.io, kind: TCPRoute, namespace: shop}]
          to: [{group: "", kind: Service}]
        """;
    MeshRoutes without = routes(route, Refusals.NONE);
    Carriage refused =
        without
            .of(asked(80, AppProtocol.TCP), OWN, List.of(), new Kept())
            .carriages()
            .of(SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/client"));
    assertThat(next(((Carriage.Bytes) refused).plan())).contains("no backend that exists");
    assertThat(without.problems()).singleElement().asString().contains("ReferenceGrant", "bank");
    assertThat(next(plan(route + grant, AppProtocol.TCP))).contains("vault.bank");
  }

  @Test
  void consumerRouteNeedsNoGrantForTheServiceThatWasAskedFor() {
    String consumer =
        route("TCPRoute", "r", "guests", OLD, "", "{name: web, namespace: shop, port: 80}");
    MeshRoutes routes = routes(consumer, Refusals.NONE);
    assertThat(isMissing(routes, 80)).isFalse();
    assertThat(routes.problems()).isEmpty();
    assertThat(isMissing(routes, 81)).as("another port may be closed to its clients").isTrue();
    assertThat(routes.problems()).singleElement().asString().contains("ReferenceGrant");
  }

  @Test
  void consumerRouteOfRequestsNeedsNoGrantForTheServiceThatWasAskedFor() {
    String to = "{name: %s, namespace: shop, port: 80}";
    MeshRoutes own =
        routes(route("HTTPRoute", "r", "guests", OLD, "", to.formatted("web")), Refusals.NONE);
    own.of(asked(80, AppProtocol.HTTP1), OWN, List.of(), new Kept());
    assertThat(own.problems()).isEmpty();
    MeshRoutes other =
        routes(route("HTTPRoute", "r", "guests", OLD, "", to.formatted("vault")), Refusals.NONE);
    other.of(asked(80, AppProtocol.HTTP1), OWN, List.of(), new Kept());
    assertThat(other.problems()).singleElement().asString().contains("ReferenceGrant");
  }

  private boolean isMissing(MeshRoutes routes, int port) {
    Carriage carriage =
        routes
            .of(asked(port, AppProtocol.TCP), OWN, List.of(), new Kept())
            .carriages()
            .of(SpiffeId.parse("spiffe://cluster.local/ns/guests/sa/client"));
    return ((Carriage.Bytes) carriage).plan().draw().destination().next(MeshOfWeb.Request.FIRST)
            instanceof Pick.None none
        && none.reason().contains("no backend that exists");
  }

  private static String next(RoutePlan plan) {
    return ((Pick.None) plan.draw().destination().next(MeshOfWeb.Request.FIRST)).reason();
  }

  @Test
  void routeThatIsClosedHasNoBackend() {
    Target target =
        Target.newBuilder().setKind("TCPRoute").setNamespace("shop").setName("r").build();
    Refusals closed =
        new Refusals(
            List.of(new Refusals.Refusal("TrafficPolicy shop/t", Optional.of(List.of(target)))));
    assertThat(closed.route(new ResourceKey("TCPRoute", "shop", "r"))).isPresent();
    Carriages carriages =
        routes(tcp("r", TO_WEB), closed)
            .of(asked(80, AppProtocol.TCP), OWN, List.of(), new Kept())
            .carriages();
    assertThat(((Carriage.Bytes) carriages.others()).plan().draw()).isNull();
  }
}
