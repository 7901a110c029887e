// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.resource.Resources;
import dev.culvert.waypoint.authenticate.KeySources;
import dev.culvert.waypoint.authorize.ForwardedFor;
import dev.culvert.waypoint.authorize.Inquiries;
import dev.culvert.waypoint.balance.Clusters;
import dev.culvert.waypoint.forward.Calls;
import dev.culvert.waypoint.forward.LoopPools;
import dev.culvert.waypoint.forward.PoolSettings;
import dev.culvert.waypoint.forward.Probes;
import dev.culvert.waypoint.forward.TcpDialer;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.kept.ObjectGraph;
import dev.culvert.waypoint.match.Match;
import dev.culvert.waypoint.peers.SelfSigned;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.route.Backends;
import dev.culvert.waypoint.route.Closed;
import dev.culvert.waypoint.stream.Carriers;
import dev.culvert.waypoint.stream.DirectUpstream;
import dev.culvert.waypoint.stream.Streams;
import dev.culvert.ztunnel.telemetry.ConnectionTelemetry;
import dev.culvert.ztunnel.telemetry.LogFormat;
import dev.culvert.ztunnel.telemetry.SeriesLimits;
import dev.culvert.ztunnel.transport.Transport;
import dev.culvert.ztunnel.transport.TransportChoice;
import dev.culvert.ztunnel.transport.Workers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a change of configuration leaves as it is, and that the rest is as if it were read anew. */
@Timeout(120)
final class ChangedConfigurationTest {
  private static final int EDITS = 60;

  /** What has another state than one that was made now, or is the machine's. */
  private static final Set<String> OPAQUE =
      Set.of("Cluster", "Endpoint", "SslContext", "Streams", "TokenBucket");

  private static final String GATEWAY =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: door, namespace: shop}
      spec:
        gatewayClassName: culvert-gateway
        listeners:
        - {name: http, port: 8001, protocol: HTTP}
        - {name: https, port: 8002, protocol: HTTPS, tls: {certificateRefs: [{name: cert}]}}
      """;

  private final Transport transport = Transport.select(TransportChoice.AUTO);
  private final Workers loops = new Workers(transport, 1);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final TcpDialer dialer = new TcpDialer(transport, Duration.ofSeconds(1));
  private final Calls calls =
      new Calls(new LoopPools(loops.group(), dialer, PoolSettings.STANDARD));
  private final ConnectionTelemetry telemetry =
      new ConnectionTelemetry(
          registry, LogFormat.TEXT, new SeriesLimits(100, Duration.ofMinutes(15)));
  private final KeySources keys = new KeySources();
  private final Door door = new Door();
  private final Map<String, String> folder = new HashMap<>();

  /** Compiles as a front door does. */
  private final class Door {
    private final Clusters clusters =
        new Clusters(registry, new Probes(loops.group(), calls, dialer));
    private final BackendTlsContexts tls = new BackendTlsContexts();
    private final GatewayCompiler compiler =
        new GatewayCompiler(
            new Surroundings(
                "culvert-gateway",
                new ForwardedFor(0),
                keys,
                new Inquiries(calls, registry),
                new Streams(new Carriers(new DirectUpstream(dialer), telemetry)),
                List.of("culvert-system")));
    private ResourceFiles files = ResourceFiles.empty();

    Compiled read(Map<String, String> contents) {
      files = files.with(contents);
      assertThat(files.errors()).isEmpty();
      tls.begin();
      Compiled compiled = compiler.compile(files, this::backends, Closed.NOTHING);
      tls.end();
      return compiled;
    }

    private Backends backends(Resources from, Kept kept, List<String> told) {
      told.addAll(clusters.apply(from));
      return new Endpoints(
          new ServiceMembers(from), clusters, new BackendTlsPolicies(from, tls, told), kept);
    }
  }

  @AfterEach
  void close() {
    keys.close();
    telemetry.close();
    loops.close();
  }

  private static String text(Compiled compiled) {
    return ObjectGraph.text(compiled.ports(), OPAQUE)
        + ObjectGraph.text(compiled.connections(), OPAQUE)
        + new HashSet<>(compiled.problems());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void comesToWhatReadingItAnewComesTo(long seed) {
    EditedResources resources = new EditedResources(new Random(seed));
    Set<String> texts = new HashSet<>();
    for (int i = 0; i < EDITS; i++) {
      Map<String, String> contents = resources.edit();
      String kept = text(door.read(contents));
      assertThat(kept).as("edit %d of seed %d", i, seed).isEqualTo(text(new Door().read(contents)));
      texts.add(kept);
    }
    assertThat(texts).hasSizeGreaterThan(EDITS / 3);
  }

  private void write(String name, String text) {
    folder.put(name + ".yaml", text);
  }

  private void route(String name, String host, String section, String more) {
    write(
        name,
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: %s, namespace: shop}
        spec:
          parentRefs: [{name: door, sectionName: %s}]
          hostnames: [%s]
          rules: [{%s}]
        """
            .formatted(name, section, host, more));
  }

  private static String to(String service) {
    return "backendRefs: [{name: %s, port: 80}]".formatted(service);
  }

  /** Two routes of HTTP to two services, and one of HTTPS to one of them. */
  private void shop() {
    write("gateway", GATEWAY);
    write("one", TestDoor.service("shop", "one", 8081));
    write("two", TestDoor.service("shop", "two", 8082));
    write("cert", TestDoor.secret("cert", SelfSigned.of("a.example.com")));
    write("policy", TestDoor.policy("shop", "policy", "rules: [{}]"));
    route("a", "a.example.com", "http", to("one"));
    route("b", "b.example.com", "http", to("two"));
    route("c", "c.example.com", "https", to("one"));
  }

  private static <T> Map<String, T> named(
      Class<T> type, Compiled compiled, Function<T, String> name) {
    return ObjectGraph.all(type, compiled.ports(), OPAQUE).stream()
        .collect(Collectors.toMap(name, one -> one));
  }

  private static Map<String, RoutePlan> plans(Compiled compiled) {
    return named(RoutePlan.class, compiled, RoutePlan::name);
  }

  private static Map<String, Destination> destinations(Compiled compiled) {
    return named(Destination.class, compiled, Destination::toString);
  }

  private static Match match(Compiled compiled, int port) {
    return compiled.ports().get(port).match();
  }

  private static <T> Set<String> changed(Map<String, T> before, Map<String, T> after) {
    assertThat(after.keySet()).isEqualTo(before.keySet());
    return after.keySet().stream()
        .filter(name -> !after.get(name).equals(before.get(name)))
        .collect(Collectors.toSet());
  }

  @Test
  void nothingIsMadeAnewWhereNothingChanges() {
    shop();
    Compiled before = door.read(Map.copyOf(folder));
    write("one", folder.get("one.yaml") + "---\n");
    Compiled after = door.read(Map.copyOf(folder));
    assertThat(after.ports()).isEqualTo(before.ports());
    assertThat(match(after, 8001)).isSameAs(match(before, 8001));
    assertThat(changed(plans(before), plans(after))).isEmpty();
    assertThat(changed(destinations(before), destinations(after))).isEmpty();
  }

  @Test
  void changedRouteLeavesOtherRoutesListenersAndBackends() {
    shop();
    Compiled before = door.read(Map.copyOf(folder));
    route("a", "a.example.com", "http", "matches: [{path: {value: /new}}], " + to("one"));
    Compiled after = door.read(Map.copyOf(folder));
    assertThat(changed(plans(before), plans(after))).containsExactly("shop/a/0");
    assertThat(changed(destinations(before), destinations(after))).isEmpty();
    assertThat(match(after, 8001)).isNotSameAs(match(before, 8001));
    assertThat(after.ports().get(8002)).isEqualTo(before.ports().get(8002));
  }

  @Test
  void changedEndpointsAreThoseOfOneServiceAndOfItsRoutes() {
    shop();
    Compiled before = door.read(Map.copyOf(folder));
    write("one", TestDoor.service("shop", "one", 9090));
    Compiled after = door.read(Map.copyOf(folder));
    assertThat(changed(destinations(before), destinations(after))).containsExactly("shop/one:80");
    assertThat(changed(plans(before), plans(after)))
        .containsExactlyInAnyOrder("shop/a/0", "shop/c/0");
  }

  @Test
  void changedPolicyLeavesRoutesAndCertificates() {
    shop();
    Compiled before = door.read(Map.copyOf(folder));
    write("policy", TestDoor.policy("shop", "policy", "action: DENY, rules: [{}]"));
    Compiled after = door.read(Map.copyOf(folder));
    assertThat(match(after, 8001)).isNotSameAs(match(before, 8001));
    assertThat(changed(plans(before), plans(after))).isEmpty();
    assertThat(after.ports().get(8002).ends()).isEqualTo(before.ports().get(8002).ends());
  }

  @Test
  void changedCertificateIsAllThatChanges() {
    shop();
    Compiled before = door.read(Map.copyOf(folder));
    write("cert", TestDoor.secret("cert", SelfSigned.of("a.example.com")));
    Compiled after = door.read(Map.copyOf(folder));
    assertThat(ObjectGraph.all(SslContext.class, after.ports(), OPAQUE))
        .isNotEmpty()
        .doesNotContainAnyElementsOf(ObjectGraph.all(SslContext.class, before.ports(), OPAQUE));
    assertThat(match(after, 8002)).isSameAs(match(before, 8002));
    assertThat(after.ports().get(8001)).isEqualTo(before.ports().get(8001));
  }

  @Test
  void changedTrafficPolicyIsOneServices() {
    shop();
    Compiled before = door.read(Map.copyOf(folder));
    List<RoutePlan> kept = new ArrayList<>(plans(before).values());
    write(
        "traffic",
        """
        apiVersion: policy.culvert.dev/v1alpha1
        kind: TrafficPolicy
        metadata: {name: traffic, namespace: shop}
        spec:
          targetRefs: [{group: "", kind: Service, name: two}]
          loadBalancing: {algorithm: RoundRobin}
        """);
    Compiled after = door.read(Map.copyOf(folder));
    assertThat(changed(destinations(before), destinations(after))).containsExactly("shop/two:80");
    assertThat(plans(after).values()).filteredOn(kept::contains).hasSize(2);
  }
}
