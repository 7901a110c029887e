// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.istio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.lab.CommandResult;
import dev.culvert.cli.lab.LabHttp;
import dev.culvert.cli.lab.LabMesh;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabProcess;
import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.tests.hostile.CertificateAuthority;
import dev.culvert.tests.hostile.FakeAgent;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Both nodes as Istio ambient has them: ztunnel started by its chart's DaemonSet, told of pods by
 * what plays istio-cni, with rules of the packet filter and no eBPF, under what plays istiod.
 */
public final class IstioMesh implements AutoCloseable {
  /** What each ztunnel shows to istiod. */
  public static final String TOKEN = "token of the node";

  private static final String ISTIOD = "istiod.istio-system.svc";
  private static final InetSocketAddress CONTROL =
      new InetSocketAddress("198.18.0.250", LabMesh.CONTROL_PORT);
  private static final List<String> ENROLLED = List.of("client", "neighbour", "server");
  private static final int ADMIN = 15000;
  private static final int STATS = 15020;
  private static final int READY = 15021;

  /** Between the ports of one ztunnel and those of the next on its node. */
  private static final int PER_TURN = 100;

  private final Mesh mesh;
  private final CertificateAuthority authority = CertificateAuthority.alone();
  private final Map<String, String> variables;
  private final Map<LabNode, FakeAgent> agents = new HashMap<>();
  private final Map<LabNode, FakeAgent.Session> sessions = new HashMap<>();
  private final Map<LabNode, Integer> turns = new HashMap<>();
  private final List<LabProcess> ztunnels = new ArrayList<>();
  private final List<Runnable> ends = new ArrayList<>();
  private FakeIstiod istiod;

  private IstioMesh(Mesh mesh, Map<String, String> variables) {
    this.mesh = mesh;
    this.variables = Map.copyOf(variables);
  }

  /**
   * Starts both nodes and waits until they are ready.
   *
   * @param port where the service's pod listens
   * @param variables of every ztunnel, beside the chart's
   */
  public static IstioMesh start(int port, Map<String, String> variables) throws Exception {
    IstioMesh istio = new IstioMesh(Mesh.withoutProcesses(), variables);
    try {
      istio.startIstiod(port);
      istio.startNodes();
      return istio;
    } catch (Exception | AssertionError e) {
      istio.close();
      throw e;
    }
  }

  private void startIstiod(int port) throws IOException {
    istiod =
        new FakeIstiod(
            CONTROL,
            this::serverSocket,
            authority,
            ISTIOD,
            IstioResources.of(mesh.lab().pods().values(), ENROLLED, port));
    ends.add(istiod::close);
  }

  private void startNodes() throws Exception {
    for (LabNode node : mesh.lab().nodes().values()) {
      FakeAgent agent = FakeAgent.listen(node.zdsSocket());
      ends.add(agent::close);
      agents.put(node, agent);
      ztunnels.add(launch(node));
    }
    for (String name : ENROLLED) {
      IstioRules.apply(mesh.lab(), mesh.lab().pods().get(name));
    }
    for (LabNode node : mesh.lab().nodes().values()) {
      announce(node);
    }
    for (LabNode node : mesh.lab().nodes().values()) {
      awaitReady(node);
    }
  }

  private NioServerSocketChannel serverSocket() {
    try {
      return mesh.lab().control().call(NioServerSocketChannel::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its pods. */
  public Mesh mesh() {
    return mesh;
  }

  public FakeIstiod istiod() {
    return istiod;
  }

  /** What the newest ztunnel of a node hears of pods by. */
  public FakeAgent.Session agentOf(String node) {
    return sessions.get(mesh.lab().nodes().get(node));
  }

  /** Those that it began with, one for each node. */
  public List<LabProcess> ztunnels() {
    return List.copyOf(ztunnels);
  }

  /**
   * Waits until every pod's ports are one proxy's again: which of three has them is not defined.
   */
  public void awaitPortsOfOneProxy() throws InterruptedException {
    for (String name : ENROLLED) {
      LabPod pod = mesh.lab().pods().get(name);
      Await.until(
          "one proxy listens in " + pod,
          () -> {
            CommandResult found = mesh.lab().run(pod.place(), List.of("ss", "-Hltn"));
            List<String> names = found.out().lines().map(IstioMesh::listensAt).toList();
            return found.ok() && Set.copyOf(names).size() == names.size();
          });
    }
  }

  /** The local address in a line of ss(8); what is shared is there twice. */
  private static String listensAt(String line) {
    return line.split("\\s+", -1)[3];
  }

  /**
   * Starts one more ztunnel on a node, with ports of its own there, and waits until it is ready.
   */
  public LabProcess startNextZtunnel(LabNode node) throws Exception {
    LabProcess next = launch(node);
    announce(node);
    awaitReady(node);
    return next;
  }

  private LabProcess launch(LabNode node) throws IOException {
    int turn = turns.merge(node, 1, Integer::sum) - 1;
    Path files = mesh.lab().layout().directory().resolve("istio-" + node.name());
    ChartContainer container =
        new ChartContainer(Chart.ISTIO, files, node.zdsSocket().getParent())
            .with("istio/root-cert.pem", authority.pem())
            .with("tokens/istio-token", TOKEN + "\n")
            .with("hosts", "127.0.0.1 localhost\n198.18.0.250 %s\n".formatted(ISTIOD))
            .with("resolv.conf", "nameserver %s\n".formatted(mesh.lab().pods().get("plain").ip4()));
    Map<String, String> all = new HashMap<>(variables);
    if (turn > 0) {
      all.put("CULVERT_ADMIN_PORT", Integer.toString(ADMIN + turn * PER_TURN));
      all.put("CULVERT_STATS_PORT", Integer.toString(STATS + turn * PER_TURN));
      all.put("CULVERT_READY_PORT", Integer.toString(READY + turn * PER_TURN));
    }
    String name = "ztunnel-" + node.name() + (turn == 0 ? "" : "-" + turn);
    LabProcess process = mesh.lab().start(node.place(), name, container.command(node, all));
    assertThat(process.isAlive()).isTrue();
    return process;
  }

  private void announce(LabNode node) throws IOException {
    FakeAgent.Session session = agents.get(node).accept();
    ends.add(session::close);
    sessions.put(node, session);
    for (String name : ENROLLED) {
      LabPod pod = mesh.lab().pods().get(name);
      if (pod.node() == node) {
        try (NetworkNamespace netns = NetworkNamespace.open(pod.netnsFile())) {
          assertThat(session.ask(FakeAgent.add("uid-" + pod.name(), pod.name()), netns.fd()))
              .isEmpty();
        }
      }
    }
    assertThat(session.ask(FakeAgent.snapshotSent())).isEmpty();
  }

  private void awaitReady(LabNode node) throws InterruptedException {
    int port = READY + (turns.get(node) - 1) * PER_TURN;
    Await.until(
        node + " is ready",
        () -> LabHttp.get(node.place(), port, "/healthz/ready").status() == 200);
  }

  @Override
  public void close() throws IOException {
    ends.reversed().forEach(Runnable::run);
    mesh.close();
  }
}
