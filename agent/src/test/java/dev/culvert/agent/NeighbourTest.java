// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.agent.neighbours.Neighbour;
import dev.culvert.agent.neighbours.Neighbours;
import dev.culvert.agent.zds.ScriptedZtunnel;
import dev.culvert.linux.bpf.AttachedProgram;
import dev.culvert.linux.bpf.BpfObject;
import dev.culvert.linux.bpf.BpfObjectSpec;
import dev.culvert.linux.bpf.CgroupLink;
import dev.culvert.linux.bpf.LoadOptions;
import dev.culvert.linux.bpf.NetnsLink;
import dev.culvert.linux.file.Cgroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real programs of others at the hooks of the mesh, named as Cilium's. */
final class NeighbourTest extends AgentCase {
  private static final Path OBJECT = Path.of("src/test/bpf/neighbour.bpf.o");
  private static final InetAddress SERVICE = InetAddress.ofLiteral("198.19.7.7");
  private static final Pattern PROGRAM = Pattern.compile(" program=(\\d+)");

  private BpfObject others;

  @BeforeEach
  void loadOthers() throws IOException {
    others =
        BpfObject.load(BpfObjectSpec.read(Files.readAllBytes(OBJECT)), LoadOptions.privateMaps());
    node.write("pod.yaml", pod.yaml("web"));
  }

  @AfterEach
  void closeOthers() {
    others.close();
  }

  private CgroupLink balancer() throws IOException {
    return CgroupLink.attach(others.program("cil_sock4_connect"), node.cgroup());
  }

  /** Where the proxy is told that an application wanted to go, which asked for a service. */
  private InetSocketAddress asked() throws Exception {
    try (ServerSocketChannel proxy = traffic.proxy(15001);
        SocketChannel app = traffic.connect(SERVICE, 80);
        SocketChannel accepted = proxy.accept()) {
      assertThat(app.isConnected()).isTrue();
      return PodTraffic.originalDestination(accepted);
    }
  }

  /** Without those that this machine has at its root. */
  private List<Neighbour> neighbours() throws IOException {
    Matcher ids = PROGRAM.matcher(node.ask("links"));
    Set<Integer> own =
        ids.results().map(id -> Integer.valueOf(id.group(1))).collect(Collectors.toSet());
    List<AttachedProgram> ofTheMachine =
        Neighbours.of(Cgroup.root().path(), Set.of()).stream().map(Neighbour::program).toList();
    return Neighbours.of(node.cgroup(), own).stream()
        .filter(each -> !ofTheMachine.contains(each.program()))
        .toList();
  }

  @Test
  void theOrderThatIsToldIsTheOneInWhichConnectionsAreSeen() throws Exception {
    try (CgroupLink _ = balancer();
        ScriptedZtunnel _ = enrol()) {
      Neighbour balancer = neighbours().getFirst();
      assertThat(balancer.text()).contains("connect4: cil_sock4_conne", "of Cilium");
      InetAddress seen =
          balancer.order() == Neighbour.Order.BEHIND ? SERVICE : PodTraffic.ELSEWHERE;
      assertThat(asked()).isEqualTo(new InetSocketAddress(seen, 80));
    }
  }

  /** Since Linux 6.17 a program can be attached before those that are there. */
  @Test
  void balancerThatWasThereBeforeIsOvertakenWhereTheKernelAllows() throws Exception {
    try (CgroupLink _ = balancer();
        ScriptedZtunnel _ = enrol()) {
      boolean overtaken = neighbours().getFirst().order() == Neighbour.Order.BEHIND;
      assertThat(overtaken).isEqualTo(TestNode.kernelHasOrder());
    }
  }

  @Test
  void balancerThatRunsFirstIsToldWithWhatToSet() throws Exception {
    try (ScriptedZtunnel _ = enrol();
        CgroupLink _ = balancer()) {
      Neighbour balancer = neighbours().getFirst();
      assertThat(balancer.mayTranslate()).isEqualTo(TestNode.kernelHasOrder());
      assertThat(balancer.remedy()).contains("socketLB.hostNamespaceOnly=true");
    }
  }

  @Test
  void nothingIsToldWhereNobodyElseIs() throws Exception {
    try (ScriptedZtunnel _ = enrol()) {
      assertThat(neighbours()).isEmpty();
    }
  }

  @Test
  void podWhoseSocketsSomebodyElseLooksUpIsRefusedUntilTheyDoNot() throws Exception {
    try (NetnsLink _ = NetnsLink.attach(others.program("cil_lookup"), netns)) {
      node.start();
      node.awaitNote("shop/web", "cil_lookup");
      node.awaitNote("shop/web", "detach it");
      node.awaitState("shop/web", "joining");
    }
    node.awaitState("shop/web", "closed, ztunnel is awaited");
  }

  @Test
  void programThatSharesItsHookWithNobodyIsRefused() throws Exception {
    try (ExclusiveAttachment _ =
        ExclusiveAttachment.of(others.program("cil_sock4_connect").id(), node.cgroup())) {
      assertThatThrownBy(node::start)
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll(
              node.cgroup().toString(),
              "cil_sock4_conne",
              "connect4 for itself",
              "bpftool cgroup detach");
    }
  }
}
