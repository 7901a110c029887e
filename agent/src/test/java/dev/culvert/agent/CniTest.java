// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.culvert.agent.source.TestApi;
import dev.culvert.agent.zds.ScriptedZtunnel;
import dev.culvert.linux.file.Cgroup;
import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real plugin against a real agent. */
final class CniTest {
  private static final String UID = "0b4ecf55-8d3b-4c4b-9a39-6c1f5a4a7f10";

  /** An MD5 of its file. */
  private static final String STATIC_UID = "8f3b1c0de5a94d6c9b7a2e1f4c5d6e7f";

  private static final String SHOP =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop, labels: {culvert.dev/dataplane-mode: %s}}
      """;

  private static final String VERSIONS =
      "{\"cniVersion\":\"%s\",\"supportedVersions\":[\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}\n";

  private static final CniShim.Result DONE = new CniShim.Result(0, "");

  @TempDir private Path folder;
  private TestNode node;
  private TestPod pod;
  private CniShim shim;
  private String previous;

  @BeforeEach
  void open() throws IOException {
    node = new TestNode(folder);
    pod = new TestPod();
    shim = new CniShim(node.cniSocket());
    previous = CniShim.PREVIOUS.formatted(pod.address().getHostAddress());
  }

  @AfterEach
  void close() throws IOException {
    node.close();
    pod.close();
  }

  /** As the API server has it when the sandbox is made: no address yet. */
  private void writePod(String status) throws IOException {
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

  private void enrolNamespace() throws IOException {
    node.write("shop.yaml", SHOP.formatted("ambient"));
  }

  private String podAddress() {
    return "status: {podIPs: [{ip: %s}]}".formatted(pod.address().getHostAddress());
  }

  private CniShim.Result call(String command) throws IOException {
    return shim.call(command, pod.path(), "web", previous);
  }

  @Test
  void podStartsOnceItIsInTheMesh() throws Exception {
    enrolNamespace();
    writePod("");
    node.start();
    try (ScriptedZtunnel ztunnel = node.ztunnel()) {
      assertStartsOnceTaken(ztunnel, this::add);
      writePod(podAddress());
      assertThat(call("CHECK").exit()).isZero();
    }
  }

  @Test
  void podThatAnApiServerNamesStartsOnceItIsInTheMesh() throws Exception {
    try (TestApi api = new TestApi()) {
      api.put(
          "namespaces",
          "shop",
          """
          {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop","resourceVersion":"$VERSION",
           "labels":{"culvert.dev/dataplane-mode":"ambient"}}}""");
      api.put(
          "pods",
          "web",
          """
          {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"shop","uid":"%s",
           "resourceVersion":"$VERSION"},"spec":{"nodeName":"one"},"status":{"phase":"Pending"}}"""
              .formatted(UID));
      node.startFrom(api.kubeconfig(folder));
      try (ScriptedZtunnel ztunnel = node.ztunnel()) {
        assertStartsOnceTaken(ztunnel, this::add);
      }
    }
  }

  /** The plugin answers once ztunnel has the pod, which it is then told of. */
  private void assertStartsOnceTaken(ScriptedZtunnel ztunnel, Supplier<CniShim.Result> add)
      throws Exception {
    ztunnel.acknowledgeUntil("snapshot");
    CompletableFuture<CniShim.Result> added = CompletableFuture.supplyAsync(add);
    ztunnel.acknowledgeUntil("add " + UID);
    assertThat(added.get()).isEqualTo(new CniShim.Result(0, previous));
    node.awaitState("shop/web", "enrolled");
  }

  private CniShim.Result add() {
    try {
      return call("ADD");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void podWithoutZtunnelDoesNotStart() throws Exception {
    enrolNamespace();
    writePod("");
    node.start();
    CniShim.Result added = call("ADD");
    assertThat(added.exit()).isOne();
    assertThat(added.output()).contains("\"code\":11", "shop/web is not in the mesh");
    assertThat(call("CHECK").output()).contains("\"code\":101");
    assertThat(call("DEL")).isEqualTo(new CniShim.Result(0, ""));
  }

  @Test
  void podThatIsNotOfTheMeshStartsAtOnce() throws Exception {
    writePod("");
    node.start();
    assertThat(call("ADD")).isEqualTo(new CniShim.Result(0, previous));
  }

  @Test
  void unknownPodOfOtherNamespaceStarts() throws Exception {
    node.write("shop.yaml", SHOP.formatted("none"));
    node.start();
    assertThat(call("ADD")).isEqualTo(new CniShim.Result(0, previous));
  }

  @Test
  void unknownPodOfEnrolledNamespaceWaits() throws Exception {
    enrolNamespace();
    node.start();
    assertThat(call("ADD").output()).contains("\"code\":11", "source does not name it yet");
  }

  @Test
  void sandboxThatTheRuntimeHasNotAnyMoreIsForgotten() throws Exception {
    enrolNamespace();
    writePod("");
    node.start();
    try (ScriptedZtunnel ztunnel = node.ztunnel()) {
      ztunnel.acknowledgeUntil("snapshot");
      addAcknowledged(ztunnel);
      assertThat(shim.collectAllBut("sandbox-web", "another")).isEqualTo(DONE);
      assertThat(call("CHECK")).isEqualTo(DONE);
      assertThat(shim.collectAsFirstLibraries("another")).isEqualTo(DONE);
      ztunnel.acknowledgeUntil("del " + UID);
      node.awaitState("shop/web", "sealed");
      assertThat(call("CHECK").output()).contains("\"code\":101");
    }
  }

  @Test
  void collectionWithoutAListIsRefusedAndForgetsNothing() throws Exception {
    enrolNamespace();
    writePod("");
    node.start();
    try (ScriptedZtunnel ztunnel = node.ztunnel()) {
      ztunnel.acknowledgeUntil("snapshot");
      addAcknowledged(ztunnel);
      assertThat(call("GC").output()).contains("\"code\":7", "cni.dev/valid-attachments");
      assertThat(call("CHECK")).isEqualTo(DONE);
    }
  }

  private void addAcknowledged(ScriptedZtunnel ztunnel) throws Exception {
    CompletableFuture<CniShim.Result> added = CompletableFuture.supplyAsync(this::add);
    ztunnel.acknowledgeUntil("add " + UID);
    assertThat(added.get().exit()).isZero();
  }

  @Test
  void sandboxOfARestartedPodTakesThePlaceOfTheOldOne() throws Exception {
    enrolNamespace();
    writePod("");
    node.start();
    try (TestPod restarted = new TestPod();
        ScriptedZtunnel ztunnel = node.ztunnel()) {
      ztunnel.acknowledgeUntil("snapshot");
      addAcknowledged(ztunnel);
      CompletableFuture<CniShim.Result> added =
          CompletableFuture.supplyAsync(() -> addSecond(restarted));
      ztunnel.acknowledgeUntil("del " + UID);
      ztunnel.acknowledgeUntil("add " + UID);
      assertThat(added.get().exit()).isZero();
      assertThat(call("DEL")).isEqualTo(DONE);
      node.awaitState("shop/web", "enrolled");
      try (NetworkNamespace netns = restarted.open()) {
        assertThat(node.await(_ -> true).getFirst().netns()).contains(netns.cookie());
      }
    }
  }

  private CniShim.Result addSecond(TestPod restarted) {
    try {
      return shim.call(
          "ADD",
          "sandbox-second",
          restarted.path(),
          "web",
          CniShim.PREVIOUS.formatted(restarted.address().getHostAddress()));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void nobodyButRootIsAnswered() throws Exception {
    node.start();
    Path plugin = Files.copy(CniShim.BINARY, folder.resolve("culvert-cni"), COPY_ATTRIBUTES);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(node.cniSocket(), PosixFilePermissions.fromString("rw-rw-rw-"));
    assertThat(shim.callAsNobody(plugin, "DEL").output())
        .contains("\"code\":100", "only root may call, not uid 65534");
  }

  @Test
  void nodeIsReadyForPodsWhileTheAgentRuns() throws Exception {
    node.start();
    assertThat(call("STATUS")).isEqualTo(DONE);
  }

  @Test
  void withoutAgentPodsOfEnrolledNamespacesWait() throws Exception {
    enrolNamespace();
    startAndStop();
    CniShim.Result added = call("ADD");
    assertThat(added.exit()).isOne();
    assertThat(added.output()).contains("\"code\":11", "pods of namespace shop wait");
    assertThat(call("DEL").exit()).isZero();
    assertThat(call("STATUS").exit()).isZero();
  }

  @Test
  void withoutAgentPodsOfOtherNamespacesStart() throws Exception {
    node.write("shop.yaml", SHOP.formatted("none"));
    startAndStop();
    assertThat(call("ADD")).isEqualTo(new CniShim.Result(0, previous));
  }

  @Test
  void listThatOthersCouldWriteIsNotBelieved() throws Exception {
    node.write("shop.yaml", SHOP.formatted("none"));
    startAndStop();
    Path list = node.cniSocket().resolveSibling("enrolled-namespaces");
    Files.setPosixFilePermissions(list, PosixFilePermissions.fromString("rw-rw-rw-"));
    assertThat(call("ADD").output()).contains("\"code\":11");
  }

  @Test
  void nodeWhereNoAgentRanYetLetsNothingStart() throws Exception {
    assertThat(call("ADD").output()).contains("\"code\":11");
  }

  private void startAndStop() throws Exception {
    node.start();
    node.ztunnel().close(); // after the first pass
    node.stop();
  }

  @Test
  void versionNeedsNoAgent() throws Exception {
    CniShim.Result version = CniShim.run(Map.of("CNI_COMMAND", "VERSION"), "{}");
    assertThat(version).isEqualTo(new CniShim.Result(0, VERSIONS.formatted("1.1.0")));
  }

  @Test
  void versionIsToldInThatOfTheCaller() throws Exception {
    CniShim.Result version =
        CniShim.run(Map.of("CNI_COMMAND", "VERSION"), "{\"cniVersion\":\"0.4.0\"}");
    assertThat(version).isEqualTo(new CniShim.Result(0, VERSIONS.formatted("0.4.0")));
    assertThat(CniShim.run(Map.of("CNI_COMMAND", "VERSION"), "").output())
        .isEqualTo(VERSIONS.formatted("1.1.0"));
  }

  @Test
  void versionThatIsNotSpokenIsRefusedAsTheSpecificationHasIt() throws Exception {
    node.start();
    for (String version : List.of("0.2.0", "1.2.0", "1.1", ",")) {
      for (String command : List.of("ADD", "CHECK", "STATUS")) {
        CniShim.Result refused = callIn(version, command);
        assertThat(refused.exit()).isOne();
        assertThat(JsonParser.parseString(refused.output()).getAsJsonObject().asMap())
            .containsEntry("cniVersion", new JsonPrimitive(version))
            .containsEntry("code", new JsonPrimitive(1))
            .containsEntry(
                "msg",
                new JsonPrimitive(
                    "culvert: cniVersion %s is none of 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0"
                        .formatted(version)));
      }
    }
    assertThat(callIn("0.2.0", "DEL")).isEqualTo(DONE);
    assertThat(callIn("0.4.0", "STATUS")).isEqualTo(DONE);
  }

  private CniShim.Result callIn(String version, String command) throws IOException {
    return CniShim.run(
        Map.of(
            "CNI_COMMAND",
            command,
            "CNI_CONTAINERID",
            "sandbox-web",
            "CNI_NETNS",
            pod.path().toString(),
            "CNI_ARGS",
            "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web"),
        "{\"cniVersion\":\"%s\",\"socket\":\"%s\",\"prevResult\":%s}"
            .formatted(version, node.cniSocket(), previous));
  }

  /** Such as of nerdctl on a node of a cluster. */
  @Test
  void containerThatIsNoPodStartsAtOnceWithAndWithoutAnAgent() throws Exception {
    CniShim.Result started = new CniShim.Result(0, previous);
    assertThat(addWith("IgnoreUnknown=1")).as("before any agent").isEqualTo(started);
    node.start();
    assertThat(addWith("IgnoreUnknown=1")).isEqualTo(started);
    assertThat(addWith("K8S_POD_NAME=web").output())
        .contains("\"code\":4", "K8S_POD_NAMESPACE in CNI_ARGS is missing");
    node.stop();
    assertThat(addWith("K8S_POD_NAME=web").output()).contains("\"code\":11");
  }

  private CniShim.Result addWith(String arguments) throws IOException {
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

  /** It knows the pod by its processes, the runtime by a name of the namespace. */
  @Test
  void checkOfAPodThatAnEarlierAgentTookInSucceeds() throws Exception {
    enrolNamespace();
    writePod(podAddress());
    Process app = inPod(kubelet("kubepods-burstable-pod" + UID.replace('-', '_') + ".slice"));
    try {
      node.start();
      try (ScriptedZtunnel ztunnel = node.ztunnel()) {
        ztunnel.acknowledgeUntil("snapshot");
        node.awaitState("shop/web", "enrolled");
        assertThat(call("CHECK")).isEqualTo(DONE);
        try (TestPod other = new TestPod()) {
          assertThat(shim.call("CHECK", other.path(), "web", previous).output())
              .contains("\"code\":101");
        }
      }
    } finally {
      app.destroyForcibly().waitFor();
    }
  }

  /** Its list is older than the sandbox. */
  @Test
  void collectionForgetsNoSandboxThatIsBeingAdded() throws Exception {
    enrolNamespace();
    writePod("");
    node.start();
    try (ScriptedZtunnel ztunnel = node.ztunnel()) {
      ztunnel.acknowledgeUntil("snapshot");
      CompletableFuture<CniShim.Result> added = CompletableFuture.supplyAsync(this::add);
      assertThat(ztunnel.heard()).isEqualTo("add " + UID);
      assertThat(shim.collectAllBut()).isEqualTo(DONE);
      ztunnel.ack();
      assertThat(added.get()).isEqualTo(new CniShim.Result(0, previous));
      node.awaitState("shop/web", "enrolled");
      assertThat(call("CHECK")).isEqualTo(DONE);
    }
  }

  /** Its object is a mirror with a uid of its own; the kubelet goes by that of the file. */
  @Test
  void staticPodIsKnownByTheUidOfItsFile() throws Exception {
    enrolNamespace();
    writeStaticPod("");
    node.start();
    try (ScriptedZtunnel ztunnel = node.ztunnel()) {
      assertStartsOnceTaken(ztunnel, this::addStatic);
    }
  }

  @Test
  void staticPodThatRunsIsFoundByItsCgroup() throws Exception {
    enrolNamespace();
    writeStaticPod(podAddress());
    Process app = inPod(kubelet("kubepods-burstable-pod" + STATIC_UID + ".slice"));
    try {
      node.start();
      try (ScriptedZtunnel ztunnel = node.ztunnel()) {
        ztunnel.acknowledgeUntil("snapshot");
        node.awaitState("shop/web", "enrolled");
      }
    } finally {
      app.destroyForcibly().waitFor();
    }
  }

  private void writeStaticPod(String status) throws IOException {
    node.write(
        "pod.yaml",
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: web
          namespace: shop
          uid: %s
          annotations: {kubernetes.io/config.mirror: %s, kubernetes.io/config.source: file}
        spec: {nodeName: one}
        %s
        """
            .formatted(UID, STATIC_UID, status));
  }

  private CniShim.Result addStatic() {
    try {
      return addWith("K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web;K8S_POD_UID=" + STATIC_UID);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void garbageIsAnErrorOfTheSpecification() throws Exception {
    node.start();
    assertThat(CniShim.run(Map.of("CNI_COMMAND", "ADD"), "nonsense").output())
        .contains("\"code\":6");
    assertThat(shim.call("ADD", pod.path(), "web", "").output())
        .contains("\"code\":7", "cannot be the first");
    assertThat(call("PAINT").output()).contains("\"code\":4", "PAINT");
  }

  @Test
  void runningPodIsFoundByItsCgroup() throws Exception {
    enrolNamespace();
    writePod(podAddress());
    Process app = inPod(kubelet("kubepods-burstable-pod" + UID.replace('-', '_') + ".slice"));
    try {
      node.start();
      try (ScriptedZtunnel ztunnel = node.ztunnel()) {
        ztunnel.acknowledgeUntil("snapshot");
        node.awaitState("shop/web", "enrolled");
      }
    } finally {
      app.destroyForcibly().waitFor();
    }
  }

  @Test
  void processWithoutThePodsAddressIsNotBelieved() throws Exception {
    enrolNamespace();
    writePod("status: {podIPs: [{ip: 198.18.249.9}]}");
    Process app = inPod(kubelet("kubepods-burstable-pod" + UID.replace('-', '_') + ".slice"));
    try {
      node.start();
      node.awaitNote("shop/web", "no process in its cgroup has its address");
    } finally {
      app.destroyForcibly().waitFor();
    }
  }

  private Cgroup kubelet(String slice) throws IOException {
    return node.podCgroup(
        "kubepods.slice", "kubepods-burstable.slice", slice, "cri-containerd-1.scope");
  }

  private Process inPod(Cgroup group) throws IOException {
    Process process = new ProcessBuilder("nsenter", "--net=" + pod.path(), "sleep", "600").start();
    group.add(process.pid());
    return process;
  }
}
