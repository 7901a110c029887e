// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.container;

import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabHttp;
import dev.culvert.cli.lab.LabMesh;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPlace;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabPodSpec;
import dev.culvert.cli.lab.LabProcess;
import dev.culvert.cli.status.LocalAgent;
import dev.culvert.linux.bpf.SystemCallTrace;
import dev.culvert.tests.kubelet.Probing;
import dev.culvert.tests.kubelet.Sandbox;
import dev.culvert.tests.mesh.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What agent and ztunnel of a confined node do from their first start to their removal. */
public final class ConfinedLife {
  private static final int ADMIN = 15000;
  private static final int STATS = 15020;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: far, namespace: shop}
      spec:
        selector: {app: far}
        clusterIP: 198.19.0.10
        clusterIPs: [198.19.0.10]
        ports: [{name: http, port: 8080}]
      """;

  private static final String DENIED =
      """
      apiVersion: policy.culvert.dev/v1alpha1
      kind: AuthorizationPolicy
      metadata: {name: nobody, namespace: shop}
      spec:
        selector: {matchLabels: {app: near}}
        action: DENY
        rules: [{}]
      """;

  private final ConfinedNode confined;
  private final ConfinedDaemons daemons;
  private final Lab lab;
  private final LabNode node;
  private final LabMesh mesh;
  private LabProcess agent;
  private LabProcess ztunnel;

  private ConfinedLife(ConfinedNode confined) {
    this.confined = confined;
    this.daemons = confined.daemons();
    this.lab = confined.lab();
    this.node = confined.node();
    this.mesh = new LabMesh(lab);
    this.agent = confined.agent();
    this.ztunnel = confined.ztunnel();
  }

  /** Lives through all of it; the pods are the mesh's and have been there before. */
  public static void live(ConfinedNode confined) throws Exception {
    ConfinedLife life = new ConfinedLife(confined);
    life.serve();
    life.tell();
    life.handOver();
    life.crash();
    life.end();
  }

  /** What daemons of that name called under their profile, in all of this node's life. */
  public static Set<SystemCallTrace.Call> calls(
      SystemCallTrace trace, ConfinedNode confined, String daemon) throws IOException {
    return trace.of(confined.daemons().pod(daemon));
  }

  private void serve() throws Exception {
    lab.resources().write("service.yaml", SERVICE);
    try (Probing web = confined.fromWeb();
        Probing far = confined.fromFar();
        Probing kubelet = confined.startKubelet()) {
      Await.until("web reaches far", () -> web.http(confined.far()).startsWith("ok"));
      Await.until("far reaches web", () -> far.http(confined.web()).startsWith("ok"));
      Await.until("the kubelet's probes pass", () -> kubelet.http(confined.web()).startsWith("ok"));
      Await.until("a pair needs no proxy", () -> pairs(web));
      Await.until("a name is found", this::nameIsAnswered);
      lab.resources().write("denied.yaml", DENIED);
      Await.until("the pair is denied", () -> web.http(confined.near()).startsWith("failed"));
    }
    joinByPlugin(lab.addPod(node, new LabPodSpec("shop", "late", "late", Map.of())));
  }

  private boolean pairs(Probing web) throws IOException {
    return web.http(confined.near()).startsWith("ok")
        && LabMesh.metrics(node, 0).contains("culvert_direct_pairs 1");
  }

  private boolean nameIsAnswered() throws IOException {
    LabPlace place = confined.placeOfWeb();
    return lab.run(place, List.of("curl", "-sf", "http://far.shop.svc.cluster.local:8080/")).ok();
  }

  private void joinByPlugin(LabPod late) throws Exception {
    confined.add("late", late.yaml());
    Await.until("the plugin lets it start", () -> new Sandbox(late).add().mayStart());
    confined.remove("late");
    Await.until("it has left", () -> !names().contains("shop/late"));
  }

  private List<String> names() throws IOException {
    return new LocalAgent(node.agentSocket())
        .state().pods().stream().map(LocalAgent.Pod::name).toList();
  }

  /** All that operators ask for. */
  private void tell() throws Exception {
    for (String page :
        List.of("/config_dump", "/debug/pprof/heap", "/debug/jfr?seconds=1", "/logging")) {
      require(LabHttp.get(node.place(), ADMIN, page), page);
    }
    require(LabHttp.get(node.place(), STATS, "/metrics"), "/metrics");
    new LocalAgent(node.agentSocket()).links();
    for (String daemon : List.of("agent", "ztunnel0")) {
      daemons.signal(daemon, "QUIT");
    }
    agent.awaitLine("Full thread dump", PATIENCE);
    ztunnel.awaitLine("Full thread dump", PATIENCE);
  }

  private static void require(LabHttp answer, String page) throws IOException {
    if (answer.status() != 200) {
      throw new IOException("%s: %d %s".formatted(page, answer.status(), answer.body()));
    }
  }

  private void handOver() throws IOException {
    LabProcess next = daemons.startZtunnel(1);
    mesh.awaitZtunnel(node, 1, next);
    requireZero(ztunnel);
    ztunnel = next;
  }

  private static void requireZero(LabProcess ended) throws IOException {
    int exit = ended.terminate(PATIENCE);
    if (exit != 0) {
      throw new IOException("%s: exit code %d%n%s".formatted(ended, exit, ended.lastLines()));
    }
  }

  private void crash() throws IOException {
    daemons.signal("agent", "KILL");
    agent.exitCode(PATIENCE);
    daemons.signal("ztunnel1", "KILL");
    ztunnel.exitCode(PATIENCE);
    agent = confined.startAgent();
    mesh.awaitAgent(node, agent);
    ztunnel = daemons.startZtunnel(1);
    mesh.awaitZtunnel(node, 1, ztunnel);
  }

  private void end() throws Exception {
    requireZero(ztunnel);
    requireZero(agent);
    LabProcess cleaning = daemons.startCleaning();
    int exit = cleaning.exitCode(PATIENCE);
    if (exit != 0 || Files.exists(node.pinDirectory())) {
      throw new IOException("%s: exit code %d%n%s".formatted(cleaning, exit, cleaning.lastLines()));
    }
  }
}
