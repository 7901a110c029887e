// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabPodSpec;
import dev.culvert.tests.app.NodeThread;
import dev.culvert.tests.app.PodSockets;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The pods of a mesh: what the lab has of them, what the folder says, and their apps' sockets. */
final class MeshPods implements AutoCloseable {
  private final Mesh mesh;
  private final MeshProcesses processes;
  private final Lab lab;
  private final Map<String, NodeThread> threads = new HashMap<>();
  private final Map<String, MeshPod> pods = new HashMap<>();

  MeshPods(Mesh mesh, MeshProcesses processes) {
    this.mesh = mesh;
    this.processes = processes;
    this.lab = mesh.lab();
  }

  void addNode(String name) throws IOException {
    LabNode node = lab.addNode(name);
    ThreadedDomain.makeThreaded(node.cgroup());
    ThreadedDomain.makeThreaded(node.cgroup().resolve("system"));
    ThreadedDomain.makeThreaded(node.cgroup().resolve("pods"));
    threads.put(name, NodeThread.enter(node.cgroup().resolve("pods")));
  }

  MeshPod get(String name) {
    return pods.get(name);
  }

  MeshPod add(String node, String name, boolean captured) throws IOException {
    return addOf(Mesh.NAMESPACE, node, name, captured);
  }

  MeshPod addOf(String namespace, String node, String name, boolean captured) throws IOException {
    LabPod pod = create(namespace, node, name);
    return told(pod, Manifests.pod(pod, captured));
  }

  /** Captured. */
  MeshPod addWithoutV4(String node, String name) throws IOException {
    LabPod pod = create(Mesh.NAMESPACE, node, name);
    lab.run(pod.place(), List.of("ip", "-4", "address", "flush", "dev", "eth0"));
    return told(pod, Manifests.withoutV4(pod));
  }

  /** Captured, and without IPv6 on its loopback either. */
  MeshPod addWithoutV6(String node, String name) throws IOException {
    LabPod pod = create(Mesh.NAMESPACE, node, name);
    for (String part : List.of("all", "default")) {
      lab.run(
          pod.place(),
          List.of("sysctl", "-q", "-w", "net.ipv6.conf.%s.disable_ipv6=1".formatted(part)));
    }
    return told(pod, Manifests.without(pod.ip6(), Manifests.pod(pod, true)));
  }

  /** Of which the folder says nothing. */
  MeshPod addUntold(String node, String name) throws IOException {
    return register(create(Mesh.NAMESPACE, node, name));
  }

  private LabPod create(String namespace, String node, String name) throws IOException {
    Map<String, String> labels = Map.of("app", name, "culvert.dev/dataplane-mode", "ambient");
    return lab.addPod(lab.nodes().get(node), new LabPodSpec(namespace, name, name, labels));
  }

  private MeshPod told(LabPod pod, String yaml) throws IOException {
    lab.resources().write(file(pod), yaml);
    return register(pod);
  }

  private MeshPod register(LabPod pod) throws IOException {
    PodSockets sockets = PodSockets.in(threads.get(pod.node().name()), pod.netnsFile());
    MeshPod made = new MeshPod(mesh, pod, sockets);
    pods.put(pod.name(), made);
    return made;
  }

  /** The pod, once it is in the mesh; one that does not get there is deleted. */
  MeshPod enrolled(MeshPod pod) throws IOException, InterruptedException {
    try {
      processes.awaitEnrolled(pod.lab());
      return pod;
    } catch (AssertionError | InterruptedException e) {
      delete(pod);
      throw e;
    }
  }

  void describe(MeshPod pod, boolean captured, PodEdit... edits) throws IOException {
    String yaml = Manifests.pod(pod.lab(), captured);
    for (PodEdit edit : edits) {
      yaml = edit.apply(yaml);
    }
    lab.resources().write(file(pod.lab()), yaml);
  }

  void delete(MeshPod pod) throws IOException {
    pods.remove(pod.name());
    lab.resources().delete(file(pod.lab()));
    pod.release();
    lab.removePod(pod.lab());
  }

  private static String file(LabPod pod) {
    return "pod-" + pod.name() + ".yaml";
  }

  /** Ends the sockets and threads of their apps; the lab takes the rest. */
  @Override
  public void close() {
    pods.values().forEach(MeshPod::release);
    threads.values().forEach(NodeThread::close);
  }
}
