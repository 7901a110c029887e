// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.site;

import dev.culvert.cli.lab.CommandResult;
import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPlace;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabPodSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where everything is measured: two namespaces outside the mesh, and pods of two nodes inside it.
 * Each client is joined to each of its servers by one veth pair of their own. Client sides have the
 * first core, server sides the second. Cleaned up by {@link #close} and by Ctrl-C.
 */
public final class Site implements AutoCloseable {
  /** Of the client and its proxy. */
  public static final int CLIENT_CORE = 0;

  /** Of the server and its proxy. */
  public static final int SERVER_CORE = 1;

  /**
   * BBR, a common default, paces a veth pair to a fraction of what it can carry; time-wait sockets
   * and a short range of ports would stop a client of many connections.
   */
  private static final Map<String, String> KERNEL =
      Map.of(
          "ipv4/tcp_congestion_control", "reno",
          "ipv4/ip_local_port_range", "32768 65000",
          "ipv4/tcp_tw_reuse", "1",
          "ipv4/tcp_max_syn_backlog", "16384",
          "core/somaxconn", "16384");

  private final Lab lab;
  private final Map<String, LabPod> pods = new LinkedHashMap<>();

  private Site(Lab lab) {
    this.lab = lab;
  }

  /**
   * Makes it.
   *
   * @throws IOException also on a machine with one processor
   */
  public static Site open(String name) throws IOException {
    if (Runtime.getRuntime().availableProcessors() < 2) {
      throw new IOException("a benchmark needs two processors: one for each side");
    }
    Site site = new Site(Lab.create(name));
    try {
      site.build();
      return site;
    } catch (IOException | RuntimeException e) {
      site.close();
      throw e;
    }
  }

  private void build() throws IOException {
    LabNode a = lab.addNode("node1");
    LabNode b = lab.addNode("node2");
    add(a, "plain-client", "none");
    add(b, "plain-server", "none");
    add(a, "client", "ambient");
    add(a, "neighbour", "ambient");
    add(b, "server", "ambient");
    add(a, "late", "ambient");
    join("wire1", "plain-client", "plain-server");
    join("wire2", "client", "server");
    join("wire3", "client", "neighbour");
    for (LabPod pod : pods.values()) {
      for (Map.Entry<String, String> setting : KERNEL.entrySet()) {
        set(pod, setting.getKey(), setting.getValue());
      }
    }
  }

  private void add(LabNode node, String name, String mode) throws IOException {
    Map<String, String> labels = Map.of("app", name, "culvert.dev/dataplane-mode", mode);
    pods.put(name, lab.addPod(node, new LabPodSpec("bench", name, name, labels)));
  }

  /** A pod's address is reached over the link to it, whatever the nodes' routes say. */
  private void join(String wire, String first, String second) throws IOException {
    LabPod a = pods.get(first);
    LabPod b = pods.get(second);
    ip(
        "link", "add", wire, "netns", a.netns(), "type", "veth", "peer", "name", wire, "netns",
        b.netns());
    route(wire, a, b);
    route(wire, b, a);
  }

  private void route(String wire, LabPod from, LabPod to) throws IOException {
    ip("-n", from.netns(), "link", "set", wire, "up");
    ip("-n", from.netns(), "route", "add", to.ip4(), "dev", wire, "src", from.ip4());
  }

  private void ip(String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(words));
    CommandResult result = lab.run(lab.fabric(), command);
    if (!result.ok()) {
      throw new IOException("%s: %s".formatted(String.join(" ", command), result.err()));
    }
  }

  /** Settings of the network namespace are found by the thread that asks. */
  private static void set(LabPod pod, String file, String value) throws IOException {
    pod.place().call(() -> Files.writeString(Path.of("/proc/sys/net", file), value));
  }

  /** What new sockets of the pods inside the mesh use: reno unless told otherwise. */
  public void congestionControl(String name) throws IOException {
    for (String pod : List.of("client", "neighbour", "server")) {
      set(pods.get(pod), "ipv4/tcp_congestion_control", name);
    }
  }

  public Lab lab() {
    return lab;
  }

  /** A pod inside the mesh: client, server or, on the client's node, neighbour and late. */
  public LabPod pod(String name) {
    return pods.get(name);
  }

  /** The client outside the mesh; its cgroup has no redirect programs. */
  public Side plainClient() {
    return plain("plain-client", CLIENT_CORE);
  }

  /** The server outside the mesh. */
  public Side plainServer() {
    return plain("plain-server", SERVER_CORE);
  }

  /** The client pod. */
  public Side client() {
    return inMesh("client", CLIENT_CORE);
  }

  /** Another pod of the client's node. */
  public Side late() {
    return inMesh("late", CLIENT_CORE);
  }

  /** A server pod, of this node or the other. */
  public Side server(String pod) {
    return inMesh(pod, SERVER_CORE);
  }

  private Side plain(String name, int core) {
    LabPod pod = pods.get(name);
    LabPlace place = new LabPlace(pod.netns(), lab.control().cgroup(), false);
    return new Side(lab, place, pod.ip4(), core);
  }

  private Side inMesh(String name, int core) {
    LabPod pod = pods.get(name);
    return new Side(lab, pod.place(), pod.ip4(), core);
  }

  @Override
  public void close() {
    lab.close();
  }
}
