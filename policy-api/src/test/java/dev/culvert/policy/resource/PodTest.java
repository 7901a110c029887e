// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pods, as the API server and as people write them. */
final class PodTest {
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
    assertThat(pod.podIps())
        .containsExactly(InetAddress.ofLiteral("198.18.1.2"), InetAddress.ofLiteral("fd00:c01::2"));
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
    PodResource pod =
        Yaml.pod("status: {conditions: [{type: Ready, status: %s}]}".formatted(status));

    assertThat(pod.ready()).isEqualTo(ready);
  }

  @Test
  void podThatEnded() {
    assertThat(Yaml.pod("status: {phase: Succeeded}").isFinished()).isTrue();
    assertThat(Yaml.pod("status: {phase: Failed}").isFinished()).isTrue();
    assertThat(Yaml.pod("status: {phase: Pending}").isFinished()).isFalse();
    assertThat(Yaml.pod("status: {phase: Unknown}").isFinished()).isFalse();
  }

  @Test
  void nullIsAsIfNotWritten() {
    assertThat(Yaml.pod("spec: {nodeName: null}\nstatus:").nodeName()).isEmpty();
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
    assertThat(Yaml.error(Yaml.podYaml(part))).contains(problem);
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
}
