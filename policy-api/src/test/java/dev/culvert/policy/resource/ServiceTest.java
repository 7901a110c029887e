// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Services, and the slices of their endpoints. */
final class ServiceTest {
  @Test
  void serviceWithNamedPort() {
    ServiceResource service =
        service(
            """
            spec:
              type: ClusterIP
              clusterIP: 198.18.100.1
              clusterIPs: [198.18.100.1, "fd00:c01::100"]
              selector: {app: web}
              publishNotReadyAddresses: true
              internalTrafficPolicy: Local
              trafficDistribution: PreferSameZone
              ports:
              - {name: http, port: 80, targetPort: web, appProtocol: http}
              - {name: raw, port: 81, targetPort: 8081}
              - {port: 82, protocol: UDP}
            """);
    PodResource pod = Yaml.pod("spec: {containers: [{ports: [{name: web, containerPort: 8080}]}]}");

    assertThat(service.clusterIps())
        .containsExactly(
            InetAddress.ofLiteral("198.18.100.1"), InetAddress.ofLiteral("fd00:c01::100"));
    assertThat(service.publishNotReadyAddresses()).isTrue();
    assertThat(service.internalTrafficPolicy()).isEqualTo("Local");
    assertThat(service.trafficDistribution()).isEqualTo("PreferSameZone");
    assertThat(service.isHeadless()).isFalse();
    assertThat(service.ports())
        .extracting(port -> port.targetPort(pod))
        .containsExactly(OptionalInt.of(8080), OptionalInt.of(8081), OptionalInt.of(82));
    assertThat(service.ports().getFirst().targetPort(Yaml.pod(""))).isEmpty();
    assertThat(service.ports().getLast().protocol()).isEqualTo("UDP");
  }

  @Test
  void serviceSelectsPodsOfItsNamespaceWithAllItsLabels() {
    ServiceResource service = service("spec: {selector: {app: web, version: \"2\"}}");

    assertThat(service.selects(labelled("shop", "{app: web, version: \"2\", x: y}"))).isTrue();
    assertThat(service.selects(labelled("shop", "{app: web}"))).isFalse();
    assertThat(service.selects(labelled("bank", "{app: web, version: \"2\"}"))).isFalse();
    assertThat(service("").selects(labelled("shop", "{app: web}"))).isFalse();
  }

  @Test
  void headlessService() {
    assertThat(service("spec: {clusterIP: None, clusterIPs: [None]}").isHeadless()).isTrue();
    assertThat(service("spec: {clusterIP: \"\"}").isHeadless()).isTrue();
    assertThat(service("spec: {type: ExternalName, externalName: db.example.org}").isHeadless())
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          spec: {ports: [{name: http}]}             | spec.ports[0].port: it is missing
          spec: {ports: [{port: 0}]}                | spec.ports[0].port: 0 is out of range
          spec: {ports: [{port: 99999999999999}]}   | is out of range; write 1 to 65535
          spec: {ports: [{port: 80, targetPort: 0}]} | targetPort: 0 is out of range
          spec: {ports: [{port: 80, targetPort: []}]} | targetPort: a list stands where
          spec: {clusterIPs: [web]}                 | spec.clusterIPs[0]: 'web' is no IP address
          spec: {selector: web}                     | spec.selector: text stands where an object
          """)
  void serviceError(String part, String problem) {
    assertThat(Yaml.error(serviceYaml(part))).contains(problem);
  }

  @Test
  void endpointSlice() {
    EndpointSliceResource slice =
        Yaml.read(
            EndpointSliceResource.class,
            """
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: web-abc, namespace: shop, labels: {kubernetes.io/service-name: web}}
            addressType: IPv4
            endpoints:
            - addresses: [198.18.1.2]
              conditions: {ready: false, terminating: true}
              nodeName: node1
              zone: a
              targetRef: {kind: Pod, name: web-7d4, namespace: shop}
            - addresses: [198.18.1.3]
              targetRef: {kind: Node, name: node1}
            ports: [{name: http, port: 8080, protocol: TCP, appProtocol: http}]
            """);

    assertThat(slice.serviceName()).contains("web");
    assertThat(slice.ports()).containsExactly(new EndpointPort("http", 8080, "TCP", "http"));
    assertThat(slice.endpoints())
        .containsExactly(
            new Endpoint(
                List.of(InetAddress.ofLiteral("198.18.1.2")),
                false,
                false,
                true,
                "node1",
                "a",
                Optional.of("web-7d4")),
            new Endpoint(
                List.of(InetAddress.ofLiteral("198.18.1.3")),
                true,
                true,
                false,
                "",
                "",
                Optional.empty()));
  }

  @Test
  void endpointSliceOfHostnamesHasNoAddresses() {
    EndpointSliceResource slice =
        Yaml.read(
            EndpointSliceResource.class,
            """
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: ext}
            addressType: FQDN
            endpoints: [{addresses: [db.example.org]}]
            """);

    assertThat(slice.endpoints().getFirst().addresses()).isEmpty();
  }

  private static PodResource labelled(String namespace, String labels) {
    return Yaml.read(
        PodResource.class,
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: %s, labels: %s}"
            .formatted(namespace, labels));
  }

  private static ServiceResource service(String part) {
    return Yaml.read(ServiceResource.class, serviceYaml(part));
  }

  private static String serviceYaml(String part) {
    return "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n" + part + "\n";
  }
}
