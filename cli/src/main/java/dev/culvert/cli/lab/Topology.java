// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Makes namespaces, links, addresses and routes, each written to the manifest before. */
record Topology(Manifest manifest) {
  /** The controlplane's address on the fabric. */
  static final String CONTROL_IP4 = "198.18.0.250";

  private static final String CONTROL_IP6 = "fd00:c01::fa";

  /**
   * Without one of its own a bridge takes the lowest of its ports: a pod that comes or goes would
   * change the address that the others have in their ARP caches, and cut them off for a while.
   */
  private static final String BRIDGE_MAC = "02:00:c6:12:00:01";

  void fabric(LabLayout layout) throws IOException {
    String fabric = layout.namespace("fabric");
    String control = layout.namespace("control");
    manifest.netns(fabric);
    manifest.netns(control);
    IpCommand.batch(
        List.of("netns add " + fabric, "netns add " + control, veth(control, "control", fabric)));
    IpCommand.batchIn(
        fabric,
        List.of(
            "link set lo up",
            "link add fabric type bridge",
            "link set fabric up",
            "link set control master fabric up"));
    IpCommand.batchIn(control, addresses("eth0", CONTROL_IP4, CONTROL_IP6));
  }

  void node(LabLayout layout, LabNode node, List<LabNode> others) throws IOException {
    String fabric = layout.namespace("fabric");
    manifest.netns(node.netns());
    Files.createDirectories(node.directory());
    IpCommand.batch(List.of("netns add " + node.netns(), veth(node.netns(), node.name(), fabric)));
    IpCommand.batchIn(fabric, List.of("link set %s master fabric up".formatted(node.name())));
    List<String> inside = addresses("eth0", node.ip4(), node.ip6());
    inside.add("link add pods address %s type bridge".formatted(BRIDGE_MAC));
    inside.addAll(addresses("pods", node.pod4(1), node.pod6(1)));
    others.forEach(other -> inside.addAll(routesTo(other)));
    IpCommand.batchIn(node.netns(), inside);
    for (LabNode other : others) {
      IpCommand.batchIn(other.netns(), routesTo(node));
    }
    // Waypoints are pods, and call the controlplane from their own addresses.
    IpCommand.batchIn(layout.namespace("control"), routesTo(node));
    forward(node);
  }

  void pod(LabPod pod) throws IOException {
    LabNode node = pod.node();
    manifest.netns(pod.netns());
    resolver(pod);
    IpCommand.batch(
        List.of("netns add " + pod.netns(), veth(pod.netns(), pod.link(), node.netns())));
    IpCommand.batchIn(node.netns(), List.of("link set %s master pods up".formatted(pod.link())));
    List<String> inside = addresses("eth0", pod.ip4(), pod.ip6());
    inside.add("route add default via " + node.pod4(1));
    inside.add("route add default via " + node.pod6(1));
    IpCommand.batchIn(pod.netns(), inside);
  }

  private static String veth(String netns, String peer, String peerNetns) {
    return "link add eth0 netns %s type veth peer name %s netns %s"
        .formatted(netns, peer, peerNetns);
  }

  private static List<String> addresses(String link, String ip4, String ip6) {
    return new ArrayList<>(
        List.of(
            "link set lo up",
            "addr add %s/24 dev %s".formatted(ip4, link),
            "addr add %s/64 dev %s nodad".formatted(ip6, link),
            "link set %s up".formatted(link)));
  }

  private static List<String> routesTo(LabNode node) {
    return List.of(
        "route add %s via %s".formatted(node.podSubnet4(), node.ip4()),
        "route add %s via %s".formatted(node.podSubnet6(), node.ip6()));
  }

  private static void forward(LabNode node) throws IOException {
    node.place()
        .call(
            () -> {
              Files.writeString(Path.of("/proc/sys/net/ipv4/ip_forward"), "1");
              return Files.writeString(Path.of("/proc/sys/net/ipv6/conf/all/forwarding"), "1");
            });
  }

  /** A resolver that does not exist: only the mesh can answer a captured pod's questions. */
  private static void resolver(LabPod pod) throws IOException {
    Path folder = LabLayout.namespaceConfig(pod.netns());
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("resolv.conf"),
        """
        nameserver 198.18.0.253
        search %s.svc.cluster.local svc.cluster.local cluster.local
        options ndots:5 timeout:2 attempts:2
        """
            .formatted(pod.spec().namespace()));
  }
}
