// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.agent.zds.ScriptedZtunnel;
import dev.culvert.linux.file.Cgroup;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Pods that the agent finds, or knows, by the uid in the names of their cgroups. */
final class PodCgroupTest extends CniCase {
  /** An MD5 of its file. */
  private static final String STATIC_UID = "8f3b1c0de5a94d6c9b7a2e1f4c5d6e7f";

  /** It knows the pod by its processes, the runtime by a name of the namespace. */
  @Test
  void checkOfAPodThatAnEarlierAgentTookInSucceeds() throws Exception {
    enrolNamespace();
    writePod(podAddress());
    try (App _ = appOf(UID.replace('-', '_'))) {
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
    assertFoundBy(STATIC_UID);
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
  void runningPodIsFoundByItsCgroup() throws Exception {
    enrolNamespace();
    writePod(podAddress());
    assertFoundBy(UID.replace('-', '_'));
  }

  @Test
  void processWithoutThePodsAddressIsNotBelieved() throws Exception {
    enrolNamespace();
    writePod("status: {podIPs: [{ip: 198.18.249.9}]}");
    try (App _ = appOf(UID.replace('-', '_'))) {
      node.start();
      node.awaitNote("shop/web", "no process in its cgroup has its address");
    }
  }

  private void assertFoundBy(String uid) throws Exception {
    try (App _ = appOf(uid)) {
      node.start();
      try (ScriptedZtunnel ztunnel = node.ztunnel()) {
        ztunnel.acknowledgeUntil("snapshot");
        node.awaitState("shop/web", "enrolled");
      }
    }
  }

  /** A process of the pod, in the cgroup that a kubelet with systemd makes for that uid. */
  private App appOf(String uid) throws IOException {
    Process process = new ProcessBuilder("nsenter", "--net=" + pod.path(), "sleep", "600").start();
    App app = new App(process);
    try {
      kubelet("kubepods-burstable-pod" + uid + ".slice").add(process.pid());
      return app;
    } catch (IOException e) {
      app.close();
      throw e;
    }
  }

  private Cgroup kubelet(String slice) throws IOException {
    return node.podCgroup(
        "kubepods.slice", "kubepods-burstable.slice", slice, "cri-containerd-1.scope");
  }

  private record App(Process process) implements AutoCloseable {
    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }
}
