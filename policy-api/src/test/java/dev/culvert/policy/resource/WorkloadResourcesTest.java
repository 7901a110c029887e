// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkloadResourcesTest {

  @Test
  void podAsTheApiServerWritesIt() {
    PodResource pod =
        Yaml.read(
            PodResource.class,
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: web-7d4
              namespace: shop
              uid: 6f1c
              creationTimestamp: "2026-11-21T09:00:00Z"
              labels: {app: web, version: "2"}
              annotations: {culvert.dev/netns: /run/netns/web}
              ownerReferences:
              - {apiVersion: apps/v1, kind: ReplicaSet, name: web-7d, controller: true, uid: x}
            spec:
              nodeName: node1
              serviceAccountName: web
              restartPolicy: Always
              containers:
              - name: app
                image: web:1
                ports: [{name: http, containerPort: 8080, protocol: TCP}]
            status:
              phase: Running
              podIP: 198.18.1.2
              podIPs: [{ip: 198.18.1.2}, {ip: "fd00:c01::2"}]
              conditions: [{type: Initialized, status: "True"}, {type: Ready, status: "True"}]
            """);

    assertThat(pod.metadata())
        .isEqualTo(
            new ObjectMeta(
                "shop",
                "web-7d4",
                "6f1c",
                Map.of("app", "web", "version", "2"),
                Map.of("culvert.dev/netns", "/run/netns/web"),
                Optional.of(Instant.parse("2026-11-21T09:00:00Z"))));
    assertThat(pod.nodeName()).isEqualTo("node1");
    assertThat(pod.serviceAccountName()).isEqualTo("web");
    assertThat(pod.podIps()).containsExactly(ip("198.18.1.2"), ip("fd00:c01::2"));
    assertThat(pod.netns()).contains(Path.of("/run/netns/web"));
    assertThat(pod.ports()).containsExactly(new ContainerPort("http", 8080, "TCP"));
    assertThat(pod.owners())
        .containsExactly(new OwnerReference("apps/v1", "ReplicaSet", "web-7d", true));
    assertThat(pod.ready()).isTrue();
    assertThat(pod.hostNetwork()).isFalse();
    assertThat(pod.isFinished()).isFalse();
    assertThat(pod.terminating()).isFalse();
  }

  @Test
  void podThatSaysNextToNothing() {
    PodResource pod =
        Yaml.read(PodResource.class, "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n");

    assertThat(pod)
        .isEqualTo(
            new PodResource(
                new ObjectMeta(
                    "default", "web", "default/web", Map.of(), Map.of(), Optional.empty()),
                "",
                "default",
                false,
                PodPhase.RUNNING,
                List.of(),
                true,
                false,
                List.of(),
                List.of()));
  }

  @ParameterizedTest
  @CsvSource({"\"True\", true", "\"False\", false", "\"Unknown\", false", "other, false"})
  void readyIsWhatTheConditionSays(String status, boolean ready) {
    PodResource pod = pod("status: {conditions: [{type: Ready, status: %s}]}".formatted(status));

    assertThat(pod.ready()).isEqualTo(ready);
  }

  @Test
  void podThatEnded() {
    assertThat(pod("status: {phase: Succeeded}").isFinished()).isTrue();
    assertThat(pod("status: {phase: Failed}").isFinished()).isTrue();
    assertThat(pod("status: {phase: Pending}").isFinished()).isFalse();
    assertThat(pod("status: {phase: Unknown}").isFinished()).isFalse();
  }

  @Test
  void nullIsAsIfNotWritten() {
    assertThat(pod("spec: {nodeName: null}\nstatus:").nodeName()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          spec: []                            | spec: a list stands where an object is needed
          spec: {nodeName: ../etc}            | spec.nodeName: '../etc' is no name
          spec: {nodeName: 1}                 | spec.nodeName: a number stands where text is needed
          spec: {serviceAccountName: a/b}     | spec.serviceAccountName: 'a/b' is no name
          spec: {hostNetwork: 1}              | spec.hostNetwork: a number stands where true or false
          spec: {containers: {}}              | spec.containers: an object stands where a list
          spec: {containers: [x]}             | spec.containers[0]: text stands where an object
          spec: {containers: [{ports: [{containerPort: 70000}]}]} | containerPort: 70000 is out of range; write 1 to 65535
          spec: {containers: [{ports: [{containerPort: http}]}]}  | containerPort: text stands where a whole number
          status: {phase: running}            | status.phase: 'running' is no phase; write Pending, Running
          status: {podIP: 198.18.1}           | status.podIP: '198.18.1' is no IP address
          status: {podIPs: [{ip: web.local}]} | status.podIPs[0].ip: 'web.local' is no IP address
          status: {podIPs: [{ip: 198.18.01.1}]} | is no IP address; write one such as 198.18.0.1
          status: {podIPs: [{ip: "fe80::1%eth0"}]} | is no IP address
          status: {podIPs: ["198.18.1.1"]}    | status.podIPs[0]: text stands where an object
          """)
  void wrongTypeIsAnErrorEvenWhereUnknownFieldsAreNot(String part, String problem) {
    assertThat(Yaml.error(podYaml(part))).contains(problem);
  }

  @Test
  void netnsMustBeAPath() {
    assertThat(
            Yaml.error(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: web, annotations: {culvert.dev/netns: web}}
                """))
        .contains("culvert.dev/netns 'web' is no path; write one such as /run/netns/web");
  }

  @Test
  void labelThatIsNoTextIsAnError() {
    assertThat(
            Yaml.error("apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {version: 2}}\n"))
        .contains("metadata.labels.version: a number stands where text is needed")
        .contains("put it in quotes: \"2\"");
  }

  @Test
  void timeMustBeATime() {
    assertThat(
            Yaml.error(
                "apiVersion: v1\nkind: Pod\nmetadata: {name: web, creationTimestamp: today}\n"))
        .contains("metadata.creationTimestamp: 'today' is no time");
  }

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
    PodResource pod = pod("spec: {containers: [{ports: [{name: web, containerPort: 8080}]}]}");

    assertThat(service.clusterIps()).containsExactly(ip("198.18.100.1"), ip("fd00:c01::100"));
    assertThat(service.publishNotReadyAddresses()).isTrue();
    assertThat(service.internalTrafficPolicy()).isEqualTo("Local");
    assertThat(service.trafficDistribution()).isEqualTo("PreferSameZone");
    assertThat(service.isHeadless()).isFalse();
    assertThat(service.ports())
        .extracting(port -> port.targetPort(pod))
        .containsExactly(OptionalInt.of(8080), OptionalInt.of(8081), OptionalInt.of(82));
    assertThat(service.ports().getFirst().targetPort(pod(""))).isEmpty();
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
                List.of(ip("198.18.1.2")),
                false,
                false,
                true,
                "node1",
                "a",
                Optional.of("web-7d4")),
            new Endpoint(List.of(ip("198.18.1.3")), true, true, false, "", "", Optional.empty()));
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

  @Test
  void nodeAddresses() {
    NodeResource node =
        Yaml.read(
            NodeResource.class,
            """
            apiVersion: v1
            kind: Node
            metadata: {name: node1, labels: {topology.kubernetes.io/zone: a}}
            status:
              addresses:
              - {type: Hostname, address: node1}
              - {type: InternalIP, address: 198.18.0.1}
              - {type: InternalIP, address: "fd00:c01::1"}
            """);

    assertThat(node.internalIps()).containsExactly(ip("198.18.0.1"), ip("fd00:c01::1"));
    assertThat(node.key()).isEqualTo(new ResourceKey("Node", "", "node1"));
  }

  private static PodResource pod(String part) {
    return Yaml.read(PodResource.class, podYaml(part));
  }

  private static String podYaml(String part) {
    return "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n" + part + "\n";
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

  private static InetAddress ip(String literal) {
    return InetAddress.ofLiteral(literal);
  }
}
