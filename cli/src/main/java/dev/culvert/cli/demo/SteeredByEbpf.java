// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.LabClient;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/** The app's connect() was redirected by eBPF, unseen by the app, with no iptables about. */
final class SteeredByEbpf implements Proof {
  /** At the pod's own address. */
  private static final String CAPTURE = ":15001";

  @Override
  public String claim() {
    return "The app's connect was steered by eBPF, not by iptables";
  }

  @Override
  public Findings examine(DemoMesh mesh) throws IOException {
    Findings findings = new Findings();
    LabPod client = mesh.pod("client");
    LabProcess app =
        LabClient.start(mesh.lab(), client, LabClient.Mode.HOLD, "db", DemoResources.ECHO);
    OpenLine open = OpenLine.parse(app.awaitLine("open ", Timing.SOON));
    String asked = DemoResources.DB_VIP + ":" + DemoResources.ECHO;
    findings.saw(
        open.peer().equals(asked) && open.local().startsWith(client.ip4() + ":"),
        "the app sees      %s -> %s  (getsockname, getpeername)"
            .formatted(open.local(), open.peer()));
    String kernel = kernelView(app, open);
    findings.saw(
        kernel.endsWith("-> " + client.ip4() + CAPTURE),
        "the kernel has    %s  (/proc/%d/net/tcp)".formatted(kernel, app.pid()));
    List<String> rules = PacketFilter.rules(mesh.lab(), client, app.pid());
    findings.saw(
        rules.isEmpty(),
        "iptables, nftables in the pod: %s".formatted(rules.isEmpty() ? "none" : rules));
    List<String> links = PinnedLinks.of(mesh.node1());
    findings.saw(
        links.stream().anyMatch(link -> link.startsWith("connect4")),
        "%d pinned eBPF links, by their ids: %s"
            .formatted(
                links.size(),
                String.join(
                    " ",
                    links.stream()
                        .filter(l -> !Character.isDigit(l.charAt(0)))
                        .limit(5)
                        .toList())));
    app.endInput();
    return findings;
  }

  private static String kernelView(LabProcess app, OpenLine open) throws IOException {
    return TcpTable.of(app.pid())
        .fromLocalPort(open.localPort())
        .map(e -> "%s -> %s".formatted(text(e.local()), text(e.remote())))
        .filter(text -> !text.contains(":15001 ->"))
        .findFirst()
        .orElse("no such connection");
  }

  private static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }
}
