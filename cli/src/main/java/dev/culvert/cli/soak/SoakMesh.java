// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import dev.culvert.cli.lab.Await;
import dev.culvert.cli.lab.JavaCommand;
import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabMesh;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPlace;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabPodSpec;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Two nodes with their daemons and apps. Pods come and go in the order of Kubernetes: ready when
 * they are in the mesh, without new connections before they end. Changed by one thread, looked at
 * by any.
 */
final class SoakMesh {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Lab lab;
  private final LabMesh daemons;
  private final Map<String, String> certificates;
  private final Map<String, LabProcess> processes = new ConcurrentHashMap<>();
  private final Proxies proxies;
  private final Map<LabNode, LabProcess> apps = new LinkedHashMap<>();
  private final Map<String, LabPod> pods = new ConcurrentHashMap<>();
  private final News news;

  SoakMesh(Lab lab, SoakPlan plan) throws IOException {
    this.lab = lab;
    this.daemons = new LabMesh(lab);
    this.certificates = Map.of("certificate-ttl", plan.certificates().toSeconds() + "s");
    lab.addNode("node1");
    lab.addNode("node2");
    this.proxies = new Proxies(daemons, ztunnelSettings());
    this.news = new News(proxies);
  }

  /** Tunnels that nobody uses go soon, so that descriptors can be counted at the end. */
  private Map<String, String> ztunnelSettings() {
    Map<String, String> settings = new LinkedHashMap<>(certificates);
    settings.put("pool-idle", "5s");
    settings.put("tunnel-unused", "10s");
    settings.put("drain-deadline", "1h");
    return settings;
  }

  List<LabNode> nodes() {
    return List.copyOf(lab.nodes().values());
  }

  LabPod pod(String name) {
    return pods.get(name);
  }

  /** Those that serve now, by what they are. */
  Map<String, LabProcess> daemons() {
    Map<String, LabProcess> daemons = new HashMap<>(processes);
    proxies
        .newest()
        .forEach(proxy -> daemons.put("ztunnel-" + proxy.node().name(), proxy.process()));
    return daemons;
  }

  /** Every daemon that writes or wrote a log, by its name. */
  Map<String, LabProcess> writers() {
    Map<String, LabProcess> writers = new HashMap<>(processes);
    proxies.all().forEach(proxy -> writers.put(proxy.process().name(), proxy.process()));
    return writers;
  }

  Proxies proxies() {
    return proxies;
  }

  LabProcess apps(LabNode node) {
    return apps.get(node);
  }

  News news() {
    return news;
  }

  void start() throws IOException {
    lab.resources().write("mesh.yaml", SoakResources.mesh());
    for (LabNode node : nodes()) {
      LabPlace place = LabPlace.ofNode(node.netns(), node.cgroup().resolve("pods"));
      List<String> command = JavaCommand.program(SoakApps.COMMAND, List.of());
      LabProcess process = lab.start(place, "apps-" + node.name(), command);
      process.awaitLine("soak apps ready", PATIENCE);
      apps.put(node, process);
    }
    startControlPlane();
    for (LabNode node : nodes()) {
      startAgent(node);
    }
    for (LabNode node : nodes()) {
      proxies.start(node);
    }
  }

  void startControlPlane() throws IOException {
    LabProcess process = daemons.startControlPlane(certificates);
    processes.put("controlplane", process);
    daemons.awaitControlPlane(process);
  }

  void startAgent(LabNode node) throws IOException {
    LabProcess agent = daemons.startAgent(node, Map.of());
    processes.put(agent.name(), agent);
    daemons.awaitAgent(node, agent);
  }

  /** Adds a pod with its app; when this returns every proxy knows it. */
  void addPod(LabNode node, String app, String name) throws IOException {
    LabPod pod =
        lab.addPod(node, new LabPodSpec(SoakResources.NAMESPACE, name, app, Map.of("app", app)));
    tell(node, "serve %s %s".formatted(name, pod.netns()), "serving " + name);
    lab.resources().write(file(name), SoakResources.starting(pod));
    Await.until(name + " is enrolled", PATIENCE, () -> isEnrolled(pod));
    lab.resources().write(pod);
    news.awaitHealthy(name);
    pods.put(name, pod);
  }

  /** Takes new connections away from a pod; when this returns none are sent to it any more. */
  void retire(String name) throws IOException {
    lab.resources().write(file(name), SoakResources.terminating(pods.get(name)));
    news.awaitUnhealthy(name);
  }

  /** Ends the app of a pod that is retired, and all of its connections. */
  void endApp(String name) throws IOException {
    tell(pods.get(name).node(), "stop " + name, "stopped " + name);
  }

  void removePod(String name) throws IOException {
    lab.resources().delete(file(name));
    lab.removePod(pods.remove(name));
  }

  void write(String file, String yaml) throws IOException {
    lab.resources().write(file, yaml);
  }

  void delete(String file) throws IOException {
    lab.resources().delete(file);
  }

  private void tell(LabNode node, String line, String answer) throws IOException {
    LogTail tail = LogTail.fromNow(apps.get(node).log());
    apps.get(node).tell(line);
    Await.until(
        "the apps say '%s'".formatted(answer), PATIENCE, () -> tail.next().contains(answer));
  }

  private static String file(String pod) {
    return "pod-%s.yaml".formatted(pod);
  }

  private static boolean isEnrolled(LabPod pod) throws IOException {
    String line =
        "pod name=\"%s/%s\" state=\"enrolled\"".formatted(pod.spec().namespace(), pod.name());
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(pod.node().agentSocket()));
      channel.write(StandardCharsets.US_ASCII.encode("status\n"));
      byte[] answer = Channels.newInputStream(channel).readAllBytes();
      return new String(answer, StandardCharsets.UTF_8).lines().anyMatch(l -> l.startsWith(line));
    }
  }
}
