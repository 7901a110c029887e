// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.agent.peers.Await;
import dev.culvert.agent.source.TestApi;
import dev.culvert.agent.zds.ScriptedZtunnel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real agent tells an API server of the pods of its node. */
final class PodReportTest {
  private static final String UID = "0b4ecf55-8d3b-4c4b-9a39-6c1f5a4a7f10";
  private static final String ENABLED = "{\"ambient.istio.io/redirection\":\"enabled\"}";

  @TempDir private Path folder;
  private TestNode node;
  private TestPod pod;
  private TestApi api;

  @BeforeEach
  void open() throws IOException {
    node = new TestNode(folder);
    pod = new TestPod();
    api = new TestApi();
  }

  @AfterEach
  void close() throws IOException {
    node.close();
    pod.close();
    api.close();
  }

  private void namespace(String name, String mode) {
    api.put(
        "namespaces",
        name,
        """
        {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"%s","resourceVersion":"$VERSION",
         "labels":{"culvert.dev/dataplane-mode":"%s"}}}"""
            .formatted(name, mode));
  }

  private void pod(String namespace, String name, String more, String spec) {
    api.put(
        "pods",
        name,
        """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s","namespace":"%s","uid":"%s",
         "resourceVersion":"$VERSION"%s},"spec":{"nodeName":"one"%s},
         "status":{"phase":"Running","podIPs":[{"ip":"%s"}]}}"""
            .formatted(name, namespace, uid(name), more, spec, pod.address().getHostAddress()));
  }

  private static String uid(String name) {
    return name.equals("web") ? UID : "%08x%s".formatted(name.hashCode(), UID.substring(8));
  }

  private void awaitWritten(String... parts) throws Exception {
    Await.until(
        () -> api.written().stream().anyMatch(line -> holdsAll(line, parts)),
        () -> List.of(parts) + " is not in " + api.written());
  }

  private static boolean holdsAll(String line, String... parts) {
    return List.of(parts).stream().allMatch(line::contains);
  }

  private ScriptedZtunnel enrol(Process app) throws Exception {
    String slice = "kubepods-burstable-pod" + UID.replace('-', '_') + ".slice";
    node.podCgroup("kubepods.slice", slice).add(app.pid());
    node.startFrom(api.kubeconfig(folder));
    ScriptedZtunnel ztunnel = node.ztunnel();
    ztunnel.acknowledgeUntil("snapshot");
    node.awaitState("shop/web", "enrolled");
    return ztunnel;
  }

  private Process app() throws IOException {
    return new ProcessBuilder("nsenter", "--net=" + pod.path(), "sleep", "600").start();
  }

  @Test
  void podInTheMeshIsAnnotatedAsIstioDoesAndNotAnyMoreWhenItLeaves() throws Exception {
    namespace("shop", "ambient");
    pod("shop", "web", "", "");
    Process app = app();
    try (ScriptedZtunnel ztunnel = enrol(app)) {
      awaitWritten("PATCH /api/v1/namespaces/shop/pods/web/status", UID, ENABLED);
      awaitWritten("POST /api/v1/namespaces/shop/events", "\"InMesh\"", "\"Normal\"", UID);
      namespace("shop", "none");
      ztunnel.acknowledgeUntil("del " + UID);
      awaitWritten("PATCH", "{\"ambient.istio.io/redirection\":null}");
      awaitWritten("\"LeftMesh\"");
      assertThat(api.written()).as("each once").hasSize(4);
    } finally {
      app.destroyForcibly().waitFor();
    }
  }

  @Test
  void annotationThatSaysMoreThanIsTrueIsTakenAway() throws Exception {
    namespace("shop", "none");
    pod("shop", "web", ",\"annotations\":" + ENABLED, "");
    node.startFrom(api.kubeconfig(folder));
    awaitWritten("PATCH", UID, "null");
  }

  @Test
  void agentThatStartsAnewRepeatsNothing() throws Exception {
    namespace("shop", "ambient");
    pod("shop", "web", "", "");
    Process app = app();
    try (ScriptedZtunnel _ = enrol(app)) {
      awaitWritten("PATCH", ENABLED);
      awaitWritten("InMesh");
      node.stop();
      node.startFrom(api.kubeconfig(folder));
      pod("shop", "host", "", ",\"hostNetwork\":true");
      awaitWritten("POST", "OutsideMesh");
      assertThat(api.written()).as("each once").hasSize(3);
    } finally {
      app.destroyForcibly().waitFor();
    }
  }

  @Test
  void podsThatAreLeftAloneAreToldSo() throws Exception {
    namespace("shop", "ambient");
    namespace("kube-system", "ambient");
    pod("shop", "host", "", ",\"hostNetwork\":true");
    pod("kube-system", "dns", "", "");
    node.startFrom(api.kubeconfig(folder));
    awaitWritten("POST /api/v1/namespaces/shop/events", "OutsideMesh", "hostNetwork");
    awaitWritten("POST /api/v1/namespaces/kube-system/events", "OutsideMesh", "never in the mesh");
    node.awaitState("shop/host", "left alone");
    assertThat(api.written()).noneMatch(line -> line.startsWith("PATCH"));
  }

  @Test
  void whatIsInTheWayIsToldWithTheRemedyWhenItLasts() throws Exception {
    namespace("shop", "ambient");
    pod("shop", "web", "", "");
    node.startFrom(api.kubeconfig(folder));
    awaitWritten("POST", "\"Warning\"", "NotInMesh", "not in the mesh yet", "agent of node one");
  }
}
