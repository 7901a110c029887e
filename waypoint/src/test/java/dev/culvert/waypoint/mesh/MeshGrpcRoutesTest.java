// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.waypoint.exchange.Guards;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.peers.Http2Peer;
import dev.culvert.waypoint.peers.TestWaypoint;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.route.Backends;
import dev.culvert.waypoint.transform.ApplyFilters;
import dev.culvert.ztunnel.transport.Transport;
import dev.culvert.ztunnel.transport.TransportChoice;
import dev.culvert.ztunnel.xds.AppProtocol;
import dev.culvert.ztunnel.xds.ServicePort;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** GRPCRoutes that name a service (Gateway API, MESH-GRPC), each feature by its name there. */
@Timeout(60)
final class MeshGrpcRoutesTest {
  private static final String ADD = "/shop.Cart/Add";

  private final MeshOfWeb mesh = new MeshOfWeb();
  private Http2Peer one;
  private Http2Peer two;
  private TestWaypoint waypoint;
  private Http2Peer client;

  @BeforeEach
  void startBackends() throws Exception {
    mesh.serve(MeshOfWeb.pod("web-1", "eu", 2, true));
    one = Http2Peer.server();
    two = Http2Peer.server();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    waypoint.close();
    one.close();
    two.close();
  }

  private Optional<Destination> backend(String namespace, String name, int port) {
    Http2Peer peer =
        switch (name) {
          case "one" -> one;
          case "two" -> two;
          default -> null;
        };
    return peer == null
        ? Optional.empty()
        : Optional.of(
            new Destination(
                namespace, name, port, asking -> new Target(peer.address(), Protocol.HTTP2)));
  }

  private void open(String... yaml) throws Exception {
    ResourceFiles files = ResourceFiles.empty().with(Map.of("routes.yaml", String.join("", yaml)));
    assertThat(files.errors()).isEmpty();
    Backends backends = this::backend;
    Destination own =
        new Destination("shop", "web", 80, asking -> new Pick.None(false, "nobody is asked"));
    PortRoutes routes =
        new MeshRoutes(files, backends, MeshOfWeb.UNASKED, Refusals.NONE, new Kept())
            .of(
                new Asked.OfService(
                    mesh.service(), new ServicePort(80, 8080, AppProtocol.GRPC), MeshOfWeb.VIP),
                new Own(own, own),
                List.of(),
                new Kept());
    assertThat(routes.carriages().others()).isEqualTo(new Carriage.Requests());
    waypoint =
        TestWaypoint.through(
            Transport.select(TransportChoice.AUTO),
            List.of(routes.match(), new Guards(), new ApplyFilters()));
    client = Http2Peer.client(waypoint.listener().address());
  }

  private static String route(String kind, String rules) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: %s
    metadata: {name: r, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: web, port: 80}]
      rules:
    """
            .formatted(kind)
        + rules;
  }

  private static String to(String service) {
    return "backendRefs: [{name: %s, port: 80}]\n".formatted(service);
  }

  private Http2Peer.Stream call(String path, String... fields) throws Exception {
    return client
        .open(
            Http2Peer.request(
                "POST", path, append(fields, "content-type", "application/grpc", "te", "trailers")),
            false)
        .send("hello", true);
  }

  private static String[] append(String[] first, String... more) {
    return Stream.of(first, more).flatMap(Stream::of).toArray(String[]::new);
  }

  /** Answers the next call of a backend with its message; returns what the call was. */
  private static Http2Headers answer(Http2Peer backend) throws Exception {
    Http2Peer.Stream stream = backend.request();
    Http2Headers head = stream.headers();
    String message = stream.body(5);
    stream
        .send(Http2Peer.response(200, "content-type", "application/grpc"), false)
        .send(message, false)
        .send(Http2Peer.trailers("grpc-status", "0"), true);
    return head;
  }

  private static void assertAnswered(Http2Peer.Stream call) throws Exception {
    assertThat(call.headers().status()).hasToString("200");
    assertThat(call.body(5)).isEqualTo("hello");
    assertThat(call.headers().get("grpc-status")).hasToString("0");
  }

  private static void assertStatus(Http2Peer.Stream call, String status) throws Exception {
    assertThat(call.headers().get("grpc-status")).hasToString(status);
  }

  @Test
  void grpcRouteExactMethodMatching() throws Exception {
    open(
        route(
            "GRPCRoute",
            "  - matches: [{method: {service: shop.Cart, method: Add}}]\n    "
                + to("one")
                + "  - matches: [{method: {service: shop.Cart}}]\n    "
                + to("two")));
    Http2Peer.Stream add = call(ADD);
    assertThat(answer(one).path()).hasToString(ADD);
    assertAnswered(add);
    Http2Peer.Stream drop = call("/shop.Cart/Drop");
    assertThat(answer(two).path()).hasToString("/shop.Cart/Drop");
    assertAnswered(drop);
  }

  @Test
  void callThatNoGrpcRouteTakesIsUnimplemented() throws Exception {
    open(route("GRPCRoute", "  - matches: [{method: {service: shop.Cart}}]\n    " + to("one")));
    assertStatus(call("/shop.Hat/Wear"), "12");
  }

  @Test
  void grpcRouteHeaderMatching() throws Exception {
    open(
        route(
            "GRPCRoute",
            "  - matches: [{headers: [{name: version, value: two}]}]\n    "
                + to("two")
                + "  - "
                + to("one")));
    Http2Peer.Stream second = call(ADD, "version", "two");
    answer(two);
    assertAnswered(second);
    Http2Peer.Stream first = call(ADD, "version", "three");
    answer(one);
    assertAnswered(first);
  }

  @Test
  void grpcRouteWeight() throws Exception {
    open(
        route(
            "GRPCRoute",
            "  - backendRefs: [{name: one, port: 80, weight: 1}, {name: two, port: 80, weight: 1},"
                + " {name: gone, port: 80, weight: 0}]\n"));
    for (Http2Peer backend : List.of(one, two)) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  while (true) {
                    Http2Peer.Stream stream = backend.request();
                    String name = backend == one ? "one" : "two";
                    stream
                        .send(Http2Peer.response(200, "content-type", "application/grpc"), false)
                        .send(Http2Peer.trailers("grpc-status", "0", "served-by", name), true);
                  }
                } catch (InterruptedException | AssertionError e) {
                  // No more calls come.
                }
              });
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      Http2Peer.Stream call = call(ADD);
      assertThat(call.headers().status()).hasToString("200");
      Http2Headers trailers = call.headers();
      assertThat(trailers.get("grpc-status")).hasToString("0");
      seen.add(trailers.get("served-by").toString());
    }
    assertThat(seen).containsExactlyInAnyOrder("one", "two");
  }

  @Test
  void grpcRouteRequestHeaderModification() throws Exception {
    open(
        route(
            "GRPCRoute",
            """
              - filters:
                - type: RequestHeaderModifier
                  requestHeaderModifier: {set: [{name: x-to, value: one}], add: [{name: x-more, value: b}], remove: [x-old]}
                backendRefs: [{name: one, port: 80}]
            """));
    Http2Peer.Stream call = call(ADD, "x-to", "nobody", "x-more", "a", "x-old", "yes");
    Http2Headers head = answer(one);
    assertAnswered(call);
    assertThat(head.get("x-to")).hasToString("one");
    assertThat(head.getAll("x-more")).hasToString("[a, b]");
    assertThat(head.contains("x-old")).isFalse();
  }

  @Test
  void grpcRouteRequestMirror() throws Exception {
    open(
        route(
            "GRPCRoute",
            """
              - filters: [{type: RequestMirror, requestMirror: {backendRef: {name: two, port: 80}}}]
                backendRefs: [{name: one, port: 80}]
            """));
    Http2Peer.Stream call = call(ADD);
    answer(one);
    assertAnswered(call);
    Http2Peer.Stream copy = two.request();
    assertThat(copy.headers().path()).hasToString(ADD);
    assertThat(copy.body(5)).isEqualTo("hello");
  }

  @Test
  void grpcRouteWhoseBackendIsNotThereIsUnavailable() throws Exception {
    open(route("GRPCRoute", "  - " + to("gone")));
    assertStatus(call(ADD), "14");
  }

  @Test
  void grpcRouteGoesBeforeAnHttpRouteForThePort() throws Exception {
    open(
        route("GRPCRoute", "  - matches: [{method: {service: shop.Cart}}]\n    " + to("one")),
        route("HTTPRoute", "  - " + to("two")));
    Http2Peer.Stream call = call(ADD);
    answer(one);
    assertAnswered(call);
    assertStatus(call("/shop.Hat/Wear"), "12");
    assertThat(two.connections()).isZero();
  }
}
