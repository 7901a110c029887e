// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.agent.zds.ScriptedZtunnel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A node, the real plugin on it, and a pod that the runtime is about to start. */
abstract class CniCase {
  static final String UID = "0b4ecf55-8d3b-4c4b-9a39-6c1f5a4a7f10";

  static final String SHOP =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop, labels: {culvert.dev/dataplane-mode: %s}}
      """;

  static final CniShim.Result DONE = new CniShim.Result(0, "");

  @TempDir Path folder;
  TestNode node;
  TestPod pod;
  CniShim shim;
  String previous;

  @BeforeEach
  final void open() throws IOException {
    node = new TestNode(folder);
    pod = new TestPod();
    shim = new CniShim(node.cniSocket());
    previous = CniShim.PREVIOUS.formatted(pod.address().getHostAddress());
  }

  @AfterEach
  final void close() throws IOException {
    node.close();
    pod.close();
  }

  /** As the API server has it when the sandbox is made: no address yet. */
  final void writePod(String status) throws IOException {
    node.write(
        "pod.yaml",
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: shop, uid: %s}
        spec: {nodeName: one}
        %s
        """
            .formatted(UID, status));
  }

  final void enrolNamespace() throws IOException {
    node.write("shop.yaml", SHOP.formatted("ambient"));
  }

  final String podAddress() {
    return "status: {podIPs: [{ip: %s}]}".formatted(pod.address().getHostAddress());
  }

  final CniShim.Result call(String command) throws IOException {
    return shim.call(command, pod.path(), "web", previous);
  }

  /** The plugin answers once ztunnel has the pod, which it is then told of. */
  final void assertStartsOnceTaken(ScriptedZtunnel ztunnel, Supplier<CniShim.Result> add)
      throws Exception {
    ztunnel.acknowledgeUntil("snapshot");
    CompletableFuture<CniShim.Result> added = CompletableFuture.supplyAsync(add);
    ztunnel.acknowledgeUntil("add " + UID);
    assertThat(added.get()).isEqualTo(new CniShim.Result(0, previous));
    node.awaitState("shop/web", "enrolled");
  }

  final CniShim.Result add() {
    try {
      return call("ADD");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  final void addAcknowledged(ScriptedZtunnel ztunnel) throws Exception {
    CompletableFuture<CniShim.Result> added = CompletableFuture.supplyAsync(this::add);
    ztunnel.acknowledgeUntil("add " + UID);
    assertThat(added.get().exit()).isZero();
  }

  final CniShim.Result addWith(String arguments) throws IOException {
    return CniShim.run(
        Map.of(
            "CNI_COMMAND",
            "ADD",
            "CNI_CONTAINERID",
            "c1",
            "CNI_NETNS",
            pod.path().toString(),
            "CNI_ARGS",
            arguments),
        "{\"cniVersion\":\"1.1.0\",\"socket\":\"%s\",\"prevResult\":%s}"
            .formatted(node.cniSocket(), previous));
  }
}
