// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import static dev.culvert.ztunnel.xds.Resources.ip;
import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.ports;
import static dev.culvert.ztunnel.xds.Resources.push;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static dev.culvert.ztunnel.xds.Resources.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.wire.workload.IPFamilies;
import dev.culvert.policy.wire.workload.NetworkAddress;
import dev.culvert.policy.wire.workload.Service;
import dev.culvert.policy.wire.workload.Visibility;
import dev.culvert.ztunnel.xds.MeshStore;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MeshNamesTest {
  private static final String WEB = "web.shop.svc.cluster.local";

  private final MeshStore mesh = new MeshStore("Kubernetes", "");
  private final MeshNames names = new MeshNames(mesh, "cluster.local", "preferred");

  private static Service.Builder host(String namespace, String hostname, String... vips) {
    return service(namespace, "entry", vips).setHostname(hostname);
  }

  private List<String> addresses(String namespace, String name) {
    return names.lookUp(namespace, name).orElseThrow().addresses().stream()
        .map(InetAddress::getHostAddress)
        .toList();
  }

  private String fullName(String name) {
    return names.lookUp("shop", name).orElseThrow().hostname();
  }

  private void assertUnknown(String name) {
    assertThat(names.lookUp("shop", name)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"web", "web.shop", "web.shop.svc", WEB})
  void shortFormsOfAService(String name) {
    push(mesh, resource(service("shop", "web", "198.18.1.1")));

    assertThat(addresses("shop", name)).containsExactly("198.18.1.1");
    assertThat(fullName(name)).isEqualTo(WEB);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"db-0.db", "db-0.db.shop", "db-0.db.shop.svc", "db-0.db.shop.svc.cluster.local"})
  void shortFormsOfAPodOfAService(String name) {
    push(
        mesh,
        resource(pod("shop", "db-0", "198.18.0.21").setHostname("db-0.db.shop.svc.cluster.local")));

    assertThat(addresses("shop", name)).containsExactly("198.18.0.21");
    assertThat(fullName(name)).isEqualTo("db-0.db.shop.svc.cluster.local");
  }

  @Test
  void shortFormsMeanTheNamespaceOfTheClient() {
    push(
        mesh,
        resource(service("shop", "web", "198.18.1.1")),
        resource(service("bank", "web", "198.18.2.1")));

    assertThat(addresses("bank", "web")).containsExactly("198.18.2.1");
    assertThat(addresses("shop", "web.bank")).containsExactly("198.18.2.1");
  }

  @ParameterizedTest
  @CsvSource({
    "web.shop.svc.cluster.local.shop.svc.cluster.local, web.shop.svc.cluster.local",
    "web.shop.svc.cluster.local.svc.cluster.local, web.shop.svc.cluster.local",
    "web.shop.svc.cluster.local.cluster.local, web.shop.svc.cluster.local",
    "web.shop.shop.svc.cluster.local, web.shop.svc.cluster.local",
    "www.example.com.shop.svc.cluster.local, www.example.com",
    "www.example.com.svc.cluster.local, www.example.com",
    "www.example.com.cluster.local, www.example.com"
  })
  void searchDomainsStripped(String name, String meant) {
    push(
        mesh,
        resource(service("shop", "web", "198.18.1.1")),
        resource(host("shop", "www.example.com", "198.18.3.1")));

    assertThat(fullName(name)).isEqualTo(meant);
  }

  @Test
  void searchDomainsOfOtherNamespacesStay() {
    push(mesh, resource(host("shop", "www.example.com", "198.18.3.1")));

    assertUnknown("www.example.com.bank.svc.cluster.local");
  }

  @Test
  void mostSpecificWildcardWins() {
    push(
        mesh,
        resource(host("shop", "*.com", "198.18.3.1")),
        resource(host("shop", "*.example.com", "198.18.3.2")),
        resource(host("shop", "www.example.com", "198.18.3.3")));

    assertThat(addresses("shop", "www.example.com")).containsExactly("198.18.3.3");
    assertThat(addresses("shop", "api.example.com")).containsExactly("198.18.3.2");
    assertThat(addresses("shop", "a.b.example.com")).containsExactly("198.18.3.2");
    assertThat(addresses("shop", "example.com")).containsExactly("198.18.3.1");
    assertUnknown("com");
    assertUnknown("example.org");
  }

  @Test
  void wildcardIsToldByTheNameThatWasAsked() {
    push(mesh, resource(host("shop", "*.example.com", "198.18.3.2")));

    assertThat(fullName("www.example.com")).isEqualTo("www.example.com");
    assertThat(fullName("www.example.com.shop.svc.cluster.local")).isEqualTo("www.example.com");
    assertThat(fullName("*.example.com")).isEqualTo("*.example.com");
  }

  @Test
  void ownNamespaceThenPreferredThenCanonical() {
    push(
        mesh,
        resource(host("a", "api.example.com", "198.18.4.1")),
        resource(host("canonical", "api.example.com", "198.18.4.2").setCanonical(true)));
    assertThat(addresses("shop", "api.example.com")).containsExactly("198.18.4.2");

    push(mesh, resource(host("preferred", "api.example.com", "198.18.4.3")));
    assertThat(addresses("shop", "api.example.com")).containsExactly("198.18.4.3");

    push(mesh, resource(host("shop", "api.example.com", "198.18.4.4")));
    assertThat(addresses("shop", "api.example.com")).containsExactly("198.18.4.4");
    assertThat(addresses("a", "api.example.com")).containsExactly("198.18.4.1");
  }

  @Test
  void serviceOfANamespaceOnlySeenThere() {
    push(
        mesh,
        resource(
            host("bank", "api.example.com", "198.18.4.1").setVisibility(Visibility.NAMESPACE)));

    assertUnknown("api.example.com");
    assertThat(addresses("bank", "api.example.com")).containsExactly("198.18.4.1");
  }

  @Test
  void endpointsOfAHeadlessServiceOfItsFamilies() {
    var headless = service("shop", "db");
    push(
        mesh,
        resource(headless),
        resource(
            pod("shop", "db-0", "198.18.0.21", "fd00:c01::21")
                .putServices("shop/db.shop.svc.cluster.local", ports(80, 80))));
    assertThat(addresses("shop", "db")).containsExactly("198.18.0.21", "fd00:c01:0:0:0:0:0:21");

    push(mesh, resource(headless.setIpFamilies(IPFamilies.IPV4_ONLY)));
    assertThat(addresses("shop", "db")).containsExactly("198.18.0.21");

    push(mesh, resource(headless.setIpFamilies(IPFamilies.IPV6_ONLY)));
    assertThat(addresses("shop", "db")).containsExactly("fd00:c01:0:0:0:0:0:21");
  }

  @Test
  void headlessServiceWithoutEndpointsExists() {
    push(mesh, resource(service("shop", "db")));

    assertThat(addresses("shop", "db")).isEmpty();
  }

  @Test
  void entryWithoutAddressIsResolvedElsewhere() {
    push(
        mesh,
        resource(host("shop", "api.example.com")),
        resource(
            pod("shop", "api", "198.18.0.31").putServices("shop/api.example.com", ports(80, 80))));

    assertUnknown("api.example.com");
  }

  @Test
  void rangeOfAddressesIsNoAnswer() {
    NetworkAddress range =
        NetworkAddress.newBuilder().setAddress(ip("198.18.64.0")).setLength(24).build();
    push(mesh, resource(host("shop", "range.example.com").addAddresses(range)));
    assertUnknown("range.example.com");

    push(mesh, resource(host("shop", "range.example.com", "198.18.3.9").addAddresses(range)));
    assertThat(addresses("shop", "range.example.com")).containsExactly("198.18.3.9");
  }

  @Test
  void addressesOfOtherNetworksNotTold() {
    NetworkAddress elsewhere =
        NetworkAddress.newBuilder().setNetwork("far").setAddress(ip("198.18.9.9")).build();
    push(mesh, resource(service("shop", "web", "198.18.1.1").addAddresses(elsewhere)));
    assertThat(addresses("shop", "web")).containsExactly("198.18.1.1");

    push(
        mesh,
        resource(service("shop", "web").addAddresses(elsewhere)),
        resource(pod("shop", "w", "198.18.0.41").putServices("shop/" + WEB, ports(80, 80))));
    assertThat(addresses("shop", "web")).isEmpty();
  }

  @Test
  void rootAndLongNamesMeanNothing() {
    assertUnknown("");
    assertUnknown("x.".repeat(126) + "x");
  }
}
