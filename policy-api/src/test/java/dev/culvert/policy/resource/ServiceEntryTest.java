// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.ServiceEntryResource.HostAddress;
import dev.culvert.policy.resource.ServiceEntryResource.Resolution;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceEntryTest {
  @Test
  void everythingThatItCanSay() {
    ServiceEntryResource entry =
        Yaml.read(
            ServiceEntryResource.class,
            """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: stock, namespace: shop}
            spec:
              hosts: [Stock.example.com, "*.stock.example.com"]
              addresses: [198.19.8.0/24, "fd00:c01::8"]
              location: MESH_INTERNAL
              resolution: STATIC
              ports:
              - {number: 443, name: https, protocol: HTTPS, targetPort: 8443}
              - {number: 53, name: dns, protocol: UDP}
              endpoints:
              - address: 198.18.9.1
                ports: {https: 9443}
                labels: {version: v2}
                network: other
                locality: north/a/rack1
                weight: 3
                serviceAccount: stock
              exportTo: ["."]
              subjectAltNames: ["spiffe://cluster.local/ns/shop/sa/stock"]
            status:
              addresses: [{value: 240.240.0.1, host: stock.example.com}]
            """);

    assertThat(entry)
        .isEqualTo(
            new ServiceEntryResource(
                entry.metadata(),
                List.of("stock.example.com", "*.stock.example.com"),
                List.of(IpBlock.parse("198.19.8.0/24"), IpBlock.parse("fd00:c01::8")),
                List.of(
                    new ServicePort("https", 443, "TCP", "https", 8443, ""),
                    new ServicePort("dns", 53, "UDP", "udp", 53, "")),
                true,
                Resolution.STATIC,
                List.of(
                    new WorkloadEntrySpec(
                        Optional.of(ip("198.18.9.1")),
                        "",
                        Map.of("https", 9443),
                        Map.of("version", "v2"),
                        "other",
                        "north/a/rack1",
                        Optional.of(3),
                        "stock")),
                Map.of(),
                List.of("."),
                List.of("spiffe://cluster.local/ns/shop/sa/stock"),
                List.of(new HostAddress("stock.example.com", ip("240.240.0.1")))));
  }

  @Test
  void givenAddressesAreThoseOfTheHostUnlessItHasItsOwn() {
    String text =
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: api}
        spec: {hosts: [a.example.com, b.example.com], resolution: DNS%s}
        status: {addresses: [{value: 240.240.0.1, host: a.example.com}, {value: 240.240.0.2}]}
        """;
    ServiceEntryResource given = Yaml.read(ServiceEntryResource.class, text.formatted(""));
    ServiceEntryResource own =
        Yaml.read(ServiceEntryResource.class, text.formatted(", addresses: [198.19.0.1]"));

    assertThat(given.addresses("a.example.com"))
        .containsExactly(IpBlock.parse("240.240.0.1"), IpBlock.parse("240.240.0.2"));
    assertThat(given.addresses("b.example.com")).containsExactly(IpBlock.parse("240.240.0.2"));
    assertThat(own.addresses("a.example.com")).containsExactly(IpBlock.parse("198.19.0.1"));
    assertThat(given.resolvedHost("a.example.com")).contains("a.example.com");
  }

  @Test
  void workloadEntryIsSelectedByBothItsLabels() {
    WorkloadEntryResource entry =
        Yaml.read(
            WorkloadEntryResource.class,
            """
            apiVersion: networking.istio.io/v1beta1
            kind: WorkloadEntry
            metadata: {name: vm, labels: {app: vm, version: v1}}
            spec: {address: db.example.com, labels: {version: v2}, weight: 0}
            """);

    assertThat(entry.labels()).isEqualTo(Map.of("app", "vm", "version", "v2"));
    assertThat(entry.spec().hostname()).isEqualTo("db.example.com");
    assertThat(entry.spec().ip()).isEmpty();
    assertThat(entry.spec().weight()).contains(0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {resolution: DNS}                                                                      | spec.hosts: there is none; name at least one host
          {hosts: [a.example], resolution: LOCAL}                                                | spec.resolution: 'LOCAL' is not known; write one of DNS, DNS_ROUND_ROBIN, NONE, STATIC
          {hosts: [a.example], endpoints: [{address: 198.18.0.1}]}                               | spec.endpoints: resolution NONE goes to the address that was asked for; remove them, or write resolution STATIC or DNS
          {hosts: [a.example], resolution: STATIC, endpoints: [{address: b.example}]}            | spec.endpoints[0].address: 'b.example' is no IP address; write one, or resolution DNS
          {hosts: [a.example], resolution: STATIC, endpoints: [{address: unix:///run/x}]}        | spec.endpoints[0].address: 'unix:///run/x' is of one machine only; write an IP address or a host name
          {hosts: [a.example], resolution: STATIC, endpoints: [{weight: 2}]}                     | spec.endpoints[0].address: it is missing; write an IP address or a host name
          {hosts: [a.example], resolution: STATIC, endpoints: [{address: 198.18.0.1, ports: {http: 0}}]} | spec.endpoints[0].ports.http: 0 is out of range; write 1 to 65535
          {hosts: [a.example], resolution: STATIC, endpoints: [{address: 198.18.0.1}], workloadSelector: {labels: {a: b}}} | spec.workloadSelector: it cannot stand beside endpoints; remove one of them
          {hosts: ["*.example"], resolution: DNS}                                                | spec.hosts: DNS cannot be asked for a wildcard; add endpoints, name each host, or write resolution NONE
          {hosts: [a.example], resolution: DNS, addresses: [198.19.0.0/24]}                      | spec.addresses: resolution DNS takes no ranges; write single addresses, or resolution STATIC or NONE
          {hosts: [a.example], addresses: [198.19.0.0/33]}                                       | spec.addresses[0]: '198.19.0.0/33' has no usable prefix length; write 0 to 32 after the slash
          {hosts: [198.19.0.1]}                                                                  | spec.hosts[0]: '198.19.0.1' is no host name; write one such as api.example.com or *.example.com
          {hosts: [a.example], ports: [{name: http}]}                                            | spec.ports[0].number: it is missing; write 1 to 65535
          """)
  void mistakeIsToldWithItsRemedy(String spec, String expected) {
    assertThat(
            Yaml.errors(
                """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: api}
                spec: %s
                """
                    .formatted(spec)))
        .first()
        .asString()
        .endsWith(": " + expected);
  }

  private static InetAddress ip(String text) {
    return InetAddress.ofLiteral(text);
  }
}
