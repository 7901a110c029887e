// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import static dev.culvert.ztunnel.xds.Resources.ip;
import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.ports;
import static dev.culvert.ztunnel.xds.Resources.push;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static dev.culvert.ztunnel.xds.Resources.service;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.wire.security.Action;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.policy.wire.security.Clause;
import dev.culvert.policy.wire.security.Match;
import dev.culvert.policy.wire.security.Rule;
import dev.culvert.policy.wire.security.Scope;
import dev.culvert.policy.wire.security.ServiceAccountMatch;
import dev.culvert.policy.wire.security.StringMatch;
import dev.culvert.policy.wire.workload.ApplicationTunnel;
import dev.culvert.policy.wire.workload.GatewayAddress;
import dev.culvert.policy.wire.workload.IPFamilies;
import dev.culvert.policy.wire.workload.LoadBalancing;
import dev.culvert.policy.wire.workload.NamespacedHostname;
import dev.culvert.ztunnel.identity.CertificateStatus;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import dev.culvert.ztunnel.telemetry.OpenConnection;
import dev.culvert.ztunnel.telemetry.TlsSession;
import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.zds.PodRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads what istioctl reads, by the names it reads. */
class ConfigDumpTest {
  private static final String WEB_HOST = "web.shop.svc.cluster.local";

  private final MeshStore mesh = new MeshStore("Kubernetes", "net");

  @Test
  void workload() {
    push(
        mesh,
        resource(
            pod("shop", "web", "198.18.0.1")
                .setNetwork("net")
                .addAuthorizationPolicies("shop/deny")
                .setWaypoint(
                    GatewayAddress.newBuilder()
                        .setHostname(
                            NamespacedHostname.newBuilder()
                                .setNamespace("shop")
                                .setHostname("way.shop.svc.cluster.local")))));

    JsonObject workload = dump().getAsJsonArray("workloads").get(0).getAsJsonObject();
    assertThat(text(workload, "uid")).isEqualTo("Kubernetes//Pod/shop/web");
    assertThat(workload.getAsJsonArray("workloadIps").get(0).getAsString()).isEqualTo("198.18.0.1");
    assertThat(text(workload, "protocol")).isEqualTo("HBONE");
    assertThat(text(workload, "status")).isEqualTo("Healthy");
    assertThat(text(workload, "workloadName")).isEqualTo("web-deployment");
    assertThat(text(workload, "workloadType")).isEqualTo("deployment");
    assertThat(text(workload, "canonicalName")).isEqualTo("web");
    assertThat(text(workload, "canonicalRevision")).isEqualTo("v1");
    assertThat(text(workload, "clusterId")).isEqualTo("Kubernetes");
    assertThat(text(workload, "serviceAccount")).isEqualTo("web");
    assertThat(text(workload, "node")).isEqualTo("one");
    assertThat(workload.getAsJsonArray("authorizationPolicies").get(0).getAsString())
        .isEqualTo("shop/deny");
    assertThat(text(workload.getAsJsonObject("waypoint"), "destination"))
        .isEqualTo("shop/way.shop.svc.cluster.local");
  }

  @Test
  void applicationTunnel() {
    push(
        mesh,
        resource(pod("shop", "door", "198.18.0.1").setApplicationTunnel(proxy().setPort(15088))));
    JsonObject tunnel = onlyWorkload().getAsJsonObject("applicationTunnel");
    assertThat(text(tunnel, "protocol")).isEqualTo("PROXY");
    assertThat(tunnel.get("port").getAsInt()).isEqualTo(15088);

    push(mesh, resource(pod("shop", "door", "198.18.0.1").setApplicationTunnel(proxy())));
    assertThat(onlyWorkload().getAsJsonObject("applicationTunnel").keySet())
        .containsExactly("protocol");

    push(mesh, resource(pod("shop", "door", "198.18.0.1")));
    assertThat(onlyWorkload().keySet()).doesNotContain("applicationTunnel");
  }

  private static ApplicationTunnel.Builder proxy() {
    return ApplicationTunnel.newBuilder().setProtocol(ApplicationTunnel.Protocol.PROXY);
  }

  private JsonObject onlyWorkload() {
    return dump().getAsJsonArray("workloads").get(0).getAsJsonObject();
  }

  @Test
  void serviceWithItsEndpoints() {
    push(
        mesh,
        resource(
            pod("shop", "web", "198.18.0.1")
                .setNetwork("net")
                .putServices("shop/" + WEB_HOST, ports(80, 8080))),
        resource(
            service("shop", "web")
                .addAddresses(
                    dev.culvert.policy.wire.workload.NetworkAddress.newBuilder()
                        .setNetwork("net")
                        .setAddress(ip("198.18.1.1")))
                .setLoadBalancing(
                    LoadBalancing.newBuilder()
                        .setMode(LoadBalancing.Mode.FAILOVER)
                        .addRoutingPreference(LoadBalancing.Scope.ZONE))));

    JsonObject service = dump().getAsJsonArray("services").get(0).getAsJsonObject();
    assertThat(text(service, "name")).isEqualTo("web");
    assertThat(text(service, "hostname")).isEqualTo(WEB_HOST);
    assertThat(service.getAsJsonArray("vips").get(0).getAsString()).isEqualTo("net/198.18.1.1");
    assertThat(service.getAsJsonObject("ports").get("80").getAsInt()).isEqualTo(8080);
    JsonObject endpoint =
        service.getAsJsonObject("endpoints").getAsJsonObject("Kubernetes//Pod/shop/web");
    assertThat(text(endpoint, "workloadUid")).isEqualTo("Kubernetes//Pod/shop/web");
    assertThat(endpoint.getAsJsonObject("port").get("80").getAsInt()).isEqualTo(8080);
    JsonObject balancer = service.getAsJsonObject("loadBalancer");
    assertThat(text(balancer, "mode")).isEqualTo("Failover");
    assertThat(text(balancer, "healthPolicy")).isEqualTo("OnlyHealthy");
    assertThat(balancer.getAsJsonArray("routingPreferences").get(0).getAsString())
        .isEqualTo("Zone");
  }

  @Test
  void policy() {
    push(
        mesh,
        resource(
            Authorization.newBuilder()
                .setNamespace("shop")
                .setName("strict")
                .setScope(Scope.WORKLOAD_SELECTOR)
                .setAction(Action.DENY)
                .addRules(
                    Rule.newBuilder()
                        .addClauses(
                            Clause.newBuilder()
                                .addMatches(
                                    Match.newBuilder()
                                        .addNotPrincipals(
                                            StringMatch.newBuilder()
                                                .setPresence(Empty.getDefaultInstance()))
                                        .addPrincipals(StringMatch.newBuilder().setExact("a/b"))
                                        .addSourceIps(
                                            dev.culvert.policy.wire.security.Address.newBuilder()
                                                .setAddress(ip("198.18.0.0"))
                                                .setLength(15))
                                        .addDestinationPorts(80)
                                        .addServiceAccounts(
                                            ServiceAccountMatch.newBuilder()
                                                .setNamespace("shop")
                                                .setServiceAccount("client")))))
                .build()));

    JsonObject policy = dump().getAsJsonArray("policies").get(0).getAsJsonObject();
    assertThat(text(policy, "scope")).isEqualTo("WorkloadSelector");
    assertThat(text(policy, "action")).isEqualTo("Deny");
    JsonArray clause = policy.getAsJsonArray("rules").get(0).getAsJsonArray();
    JsonObject match = clause.get(0).getAsJsonArray().get(0).getAsJsonObject();
    assertThat(match)
        .hasToString(
            "{\"serviceAccounts\":[{\"namespace\":\"shop\",\"serviceAccount\":\"client\"}],"
                + "\"principals\":[{\"Exact\":\"a/b\"}],\"notPrincipals\":[{\"Presence\":[]}],"
                + "\"sourceIps\":[\"198.18.0.0/15\"],\"destinationPorts\":[80]}");
  }

  /** It refuses what it is for: who looks for the reason must see it, and all the rest. */
  @Test
  void policyThatCannotBeHeldToIsShown() {
    push(
        mesh,
        resource(
            Authorization.newBuilder()
                .setNamespace("shop")
                .setName("broken")
                .addRules(
                    Rule.newBuilder()
                        .addClauses(
                            Clause.newBuilder()
                                .addMatches(
                                    Match.newBuilder()
                                        .addSourceIps(
                                            dev.culvert.policy.wire.security.Address.newBuilder()
                                                .setAddress(
                                                    ByteString.copyFrom(new byte[] {1, 2, 3})))
                                        .addDestinationPorts(70_000)
                                        .addDestinationPorts(-1)
                                        .addDestinationPorts(80))))
                .build()));

    JsonObject policy = dump().getAsJsonArray("policies").get(0).getAsJsonObject();
    assertThat(policy.getAsJsonArray("rules"))
        .hasToString("[[[{\"sourceIps\":[\"0x010203/0\"],\"destinationPorts\":[80]}]]]");
  }

  @Test
  void connectionsOfEachPod() {
    push(
        mesh,
        resource(pod("shop", "client", "198.18.0.9").setNetwork("net")),
        resource(pod("shop", "web", "198.18.0.1").setNetwork("net")));
    JsonObject states =
        dump(
                List.of(known("u1", "client", true), known("u2", "web", false)),
                List.of(connection(Direction.OUTBOUND), connection(Direction.INBOUND)))
            .getAsJsonObject("workloadState");

    JsonObject client = states.getAsJsonObject("u1");
    assertThat(text(client, "state")).isEqualTo("Up");
    assertThat(text(client.getAsJsonObject("info"), "name")).isEqualTo("client");
    assertThat(text(client.getAsJsonObject("info"), "trustDomain")).isEqualTo("cluster.local");
    assertThat(client.getAsJsonObject("connections").getAsJsonArray("inbound")).isEmpty();
    JsonObject out =
        client.getAsJsonObject("connections").getAsJsonArray("outbound").get(0).getAsJsonObject();
    assertThat(text(out, "src")).isEqualTo("198.18.0.9:40000");
    assertThat(text(out, "originalDst")).isEqualTo("198.18.1.1:80");
    assertThat(text(out, "actualDst")).isEqualTo("198.18.0.1:15008");
    assertThat(text(out, "protocol")).isEqualTo("HBONE");
    assertThat(text(out, "tlsGroup")).isEqualTo("X25519MLKEM768");

    JsonObject web = states.getAsJsonObject("u2");
    assertThat(text(web, "state")).isEqualTo("Pending");
    JsonObject in =
        web.getAsJsonObject("connections").getAsJsonArray("inbound").get(0).getAsJsonObject();
    assertThat(in.get("originalDst").isJsonNull()).isTrue();
    assertThat(text(in, "actualDst")).isEqualTo("198.18.0.1:8080");
  }

  @Test
  void identityWithoutCertificate() {
    SpiffeId id = SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/web");
    CertificateStatus failed =
        new CertificateStatus(id, Optional.empty(), Optional.of(new Exception("no CA")));

    ConfigDump dump =
        new ConfigDump(mesh, "net", () -> List.of(failed), List::of, List::of, Map.of(), "1");
    assertThat(textOf(dump))
        .contains(
            "\"certificates\":[{\"identity\":\"spiffe://cluster.local/ns/shop/sa/web\","
                + "\"state\":\"Unavailable: no CA\",\"certChain\":[],\"rootCerts\":[]}]");
  }

  @ParameterizedTest
  @CsvSource({"IPV4_ONLY, IPv4", "IPV6_ONLY, IPv6", "DUAL, Dual"})
  void familiesOfAService(IPFamilies families, String told) {
    push(mesh, resource(service("shop", "web").setIpFamilies(families)));
    JsonObject service = dump().getAsJsonArray("services").get(0).getAsJsonObject();
    assertThat(text(service, "ipFamilies")).isEqualTo(told);
  }

  @Test
  void familiesThatNobodyChoseAreNotTold() {
    push(mesh, resource(service("shop", "web")));
    JsonObject service = dump().getAsJsonArray("services").get(0).getAsJsonObject();
    assertThat(service.has("ipFamilies")).isFalse();
  }

  private static PodRegistry.Known known(String uid, String name, boolean up) {
    return new PodRegistry.Known(uid, "shop", name, name, new TrustDomain("cluster.local"), up);
  }

  private OpenConnection connection(Direction direction) {
    ConnectionInfo info =
        new ConnectionInfo(
            direction,
            Security.MUTUAL_TLS,
            at("198.18.0.9", 40000),
            at("198.18.0.1", 8080),
            at("198.18.1.1", 80),
            Optional.of(at("198.18.0.1", 15008)),
            mesh.workload("shop", "client"),
            mesh.workload("shop", "web"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    TlsSession tls = new TlsSession("TLS_AES_128_GCM_SHA256", Optional.of("X25519MLKEM768"));
    return new OpenConnection(info, Optional.of(tls), 1, 2);
  }

  private JsonObject dump() {
    return dump(List.of(), List.of());
  }

  private JsonObject dump(List<PodRegistry.Known> pods, List<OpenConnection> open) {
    ConfigDump dump =
        new ConfigDump(mesh, "net", List::of, () -> pods, () -> open, Map.of("a", "b"), "1");
    return JsonParser.parseString(textOf(dump)).getAsJsonObject();
  }

  private static String textOf(ConfigDump dump) {
    var out = new ByteArrayOutputStream();
    try {
      dump.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static String text(JsonObject json, String name) {
    return json.get(name).getAsString();
  }

  private static InetSocketAddress at(String address, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), port);
  }
}
