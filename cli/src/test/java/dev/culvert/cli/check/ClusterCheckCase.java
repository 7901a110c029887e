// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.CommandRun;
import dev.culvert.cli.install.TestCluster;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A cluster of one node that can carry the mesh, and the check of it. */
abstract class ClusterCheckCase {
  @TempDir private Path folder;
  TestCluster cluster;
  String kubeconfig;

  @BeforeEach
  final void begin() throws IOException {
    cluster = new TestCluster();
    kubeconfig = cluster.kubeconfig(folder).toString();
    node("one", "6.1.0-18-amd64", "amd64");
  }

  @AfterEach
  final void end() {
    cluster.close();
  }

  final CommandRun check() {
    return CommandRun.of("check", "--cluster", "--kubeconfig", kubeconfig);
  }

  final void assertFails(String... parts) {
    CommandRun run = check();
    assertThat(run.code()).as(run.output()).isEqualTo(1);
    assertThat(run.output()).contains("FAIL").contains(parts);
  }

  final void assertWarns(String... parts) {
    CommandRun run = check();
    assertThat(run.output()).contains("WARN").contains(parts);
    assertThat(run.code()).as(run.output()).isZero();
  }

  final void node(String name, String kernel, String architecture) {
    cluster.put(
        "nodes",
        """
        apiVersion: v1
        kind: Node
        metadata: {name: %s}
        status: {nodeInfo: {operatingSystem: linux, kernelVersion: %s, architecture: %s}}
        """
            .formatted(name, kernel, architecture));
  }

  final void namespace(String name, String mode) {
    cluster.put(
        "namespaces",
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: %s, labels: {culvert.dev/dataplane-mode: %s}}
        """
            .formatted(name, mode));
  }

  final void daemonSet(String namespace, String name) {
    cluster.put(
        "daemonsets",
        """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: %s, namespace: %s}
        spec: {}
        """
            .formatted(name, namespace));
  }
}
