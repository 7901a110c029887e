// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import dev.culvert.linux.MonotonicClock;
import dev.culvert.linux.bpf.BpfLink;
import dev.culvert.linux.bpf.BpfObject;
import dev.culvert.linux.bpf.BpfProgram;
import dev.culvert.linux.bpf.CgroupLink;
import dev.culvert.linux.bpf.LoadOptions;
import dev.culvert.linux.bpf.NetnsLink;
import dev.culvert.linux.bpf.RedirectObject;
import dev.culvert.linux.file.Cgroup;
import dev.culvert.linux.file.Mounts;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * A node as the agent would make it: two pods that reach each other, the redirect programs on a
 * cgroup, and this JVM in that cgroup. Everything ends with it.
 */
final class RedirectLab implements AutoCloseable {
  static final int KNOWN = 0;
  static final int CAPTURE = 1;

  private final Deque<Closeable> open = new ArrayDeque<>();
  private final long jvm = ProcessHandle.current().pid();
  private final Cgroup home;
  private final Cgroup node;
  private final Cgroup kubelet;
  private final BpfObject object;
  private final String clientName;
  final Pod client;
  final Pod server;

  /** A network namespace with one address of each family. */
  record Pod(NetworkNamespace namespace, InetAddress ip4, InetAddress ip6) {
    TestSocket tcp(int family) throws Exception {
      return namespace.call(() -> TestSocket.tcp(family));
    }

    TestSocket multipath(int family) throws Exception {
      return namespace.call(() -> TestSocket.multipath(family));
    }

    TestSocket udp(int family) throws Exception {
      return namespace.call(() -> TestSocket.udp(family));
    }

    /** Of its interface, as IPv6 scopes name it. */
    int interfaceIndex() throws Exception {
      return namespace.call(() -> TestSocket.interfaceIndex("veth0"));
    }
  }

  RedirectLab() throws Exception {
    home = Cgroup.at(Path.of(Mounts.cgroup2() + ownCgroup()));
    node = Cgroup.root().child("culvert-redirect-" + jvm);
    open.push(node::remove);
    kubelet = node.child("kubelet");
    open.push(kubelet::remove);
    node.add(jvm);
    open.push(() -> home.add(jvm));
    try {
      object = BpfObject.load(RedirectObject.spec(), LoadOptions.privateMaps());
      open.push(object::close);
      attachNode();
      TestNamespace one = namespace(open);
      TestNamespace other = namespace(open);
      connect(one.name(), other.name());
      clientName = one.name();
      client = pod(one, 1);
      server = pod(other, 2);
    } catch (Exception | Error e) {
      close();
      throw e;
    }
  }

  /** Of cgroup v2, relative to its mount. */
  private static String ownCgroup() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
        .filter(line -> line.startsWith("0::"))
        .map(line -> line.substring(3))
        .findFirst()
        .orElseThrow();
  }

  private void keep(BpfLink link) {
    open.push(link::close);
  }

  private static TestNamespace namespace(Deque<Closeable> open) throws IOException {
    TestNamespace made = new TestNamespace();
    open.push(made::close);
    return made;
  }

  private void attachNode() throws IOException {
    for (BpfProgram program : object.programs()) {
      boolean elsewhere =
          program.section().equals("sk_lookup") || program.name().equals("probe_connect");
      if (!elsewhere) {
        keep(CgroupLink.attach(program, node.path()));
      }
    }
    keep(CgroupLink.attach(object.program("probe_connect"), kubelet.path()));
  }

  private static void connect(String one, String other) throws IOException {
    TestNamespace.ip(
        "link", "add", "veth0", "netns", one, "type", "veth", "peer", "name", "veth0", "netns",
        other);
  }

  private Pod pod(TestNamespace made, int number) throws Exception {
    String ip4 = "198.18.77." + number;
    String ip6 = "fd00:c01:77::" + number;
    TestNamespace.ip("-n", made.name(), "addr", "add", ip4 + "/24", "dev", "veth0");
    TestNamespace.ip("-n", made.name(), "addr", "add", ip6 + "/64", "dev", "veth0", "nodad");
    TestNamespace.ip("-n", made.name(), "link", "set", "veth0", "up");
    NetworkNamespace namespace = made.open();
    open.push(namespace::close);
    keep(NetnsLink.attach(object.program("steer"), namespace));
    return new Pod(namespace, InetAddress.ofLiteral(ip4), InetAddress.ofLiteral(ip6));
  }

  /** Enters the pod into the map `pods`. */
  void enrol(Pod pod, int flags) throws IOException {
    ByteBuffer value = ByteBuffer.allocate(24).order(ByteOrder.nativeOrder());
    value.put(pod.ip4().getAddress()).put(pod.ip6().getAddress()).putInt(flags);
    object.map("pods").update(number(pod.namespace().cookie()), value.array());
  }

  /** Has new connections to the pod's addresses steered. */
  void steer(Pod pod) throws IOException {
    byte[] cookie = number(pod.namespace().cookie());
    object.map("pod_addresses").update(mapped(pod.ip4()), cookie);
    object.map("pod_addresses").update(mapped(pod.ip6()), cookie);
  }

  /** As it was before any pod was enrolled. */
  void reset() throws IOException {
    for (String map :
        List.of(
            "pods",
            "pod_addresses",
            "turns",
            "originals",
            "presents",
            "probes",
            "pairs",
            "flows")) {
      for (byte[] key : keys(map)) {
        object.map(map).delete(key);
      }
    }
    generation(0);
    while (report().isPresent()) {}
  }

  /** As an agent that lives would leave it. */
  void generation(long current) throws IOException {
    object.map("pair_generation").update(new byte[4], number(current));
    lease(MonotonicClock.nanos() + 60_000_000_000L);
  }

  void lease(long until) throws IOException {
    object.map("pair_lease").update(new byte[4], number(until));
  }

  /** Grants that `source` reaches the ends by what it asks for. */
  void grant(long generation, Pod source, InetSocketAddress asked, Pod end, InetSocketAddress... to)
      throws IOException {
    ByteBuffer value = ByteBuffer.allocate(16 + 8 * 32).order(ByteOrder.nativeOrder());
    value.putLong(generation).putInt(to.length).putInt(0);
    for (InetSocketAddress one : to) {
      value.putLong(end.namespace().cookie()).put(endpoint(one));
    }
    object.map("pairs").update(pair(source, asked), value.array());
  }

  void ungrant(Pod source, InetSocketAddress asked) throws IOException {
    object.map("pairs").delete(pair(source, asked));
  }

  private static byte[] pair(Pod source, InetSocketAddress asked) throws IOException {
    ByteBuffer key = ByteBuffer.allocate(32).order(ByteOrder.nativeOrder());
    return key.putLong(source.namespace().cookie()).put(endpoint(asked)).array();
  }

  /** As culvert_endpoint, padded to 24 bytes. */
  private static byte[] endpoint(InetSocketAddress address) {
    ByteBuffer bytes = ByteBuffer.allocate(24).put(mapped(address.getAddress()));
    return bytes.putShort((short) address.getPort()).array();
  }

  /** Says that a connection was recorded, as if the kernel had seen its first SYN. */
  void record(long generation, InetSocketAddress from, InetSocketAddress to, long netns)
      throws IOException {
    ByteBuffer key = ByteBuffer.allocate(40);
    key.put(endpoint(from), 0, 20).put(endpoint(to), 0, 20);
    ByteBuffer value = ByteBuffer.allocate(24).order(ByteOrder.nativeOrder());
    object.map("flows").update(key.array(), value.putLong(generation).putLong(netns).array());
  }

  /** What is told of a connection that is over. */
  record Report(long source, long destination, boolean opened, long sent, long received) {}

  Optional<Report> report() throws IOException {
    List<Report> oldest = new ArrayList<>();
    int count = object.map("flow_reports").drain(1, bytes -> oldest.add(report(bytes)));
    return count == 0 ? Optional.empty() : Optional.of(oldest.getFirst());
  }

  private static Report report(byte[] element) {
    ByteBuffer b = ByteBuffer.wrap(element).order(ByteOrder.nativeOrder());
    return new Report(b.getLong(0), b.getLong(8), b.getInt(76) == 1, b.getLong(96), b.getLong(104));
  }

  /** Says that the namespace has the address. */
  void own(InetAddress ip, long netns) throws IOException {
    object.map("pod_addresses").update(mapped(ip), number(netns));
  }

  String clientName() {
    return clientName;
  }

  void remove(Pod pod) throws IOException {
    object.map("pods").delete(number(pod.namespace().cookie()));
  }

  List<byte[]> keys(String map) throws IOException {
    return object.map(map).keys();
  }

  int entries(String map) throws IOException {
    return keys(map).size();
  }

  /** Runs with this JVM in the kubelet's cgroup: sockets stay in the one they were made in. */
  <T> T asKubelet(Callable<T> body) throws Exception {
    kubelet.add(jvm);
    try {
      return body.call();
    } finally {
      node.add(jvm);
    }
  }

  private static byte[] number(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(value).array();
  }

  private static byte[] mapped(InetAddress address) {
    byte[] ip = address.getAddress();
    return ip.length == 16
        ? ip
        : ByteBuffer.allocate(16).putShort(10, (short) 0xffff).put(12, ip).array();
  }

  static InetSocketAddress at(String address, int port) {
    return at(InetAddress.ofLiteral(address), port);
  }

  static InetSocketAddress at(InetAddress address, int port) {
    return new InetSocketAddress(address, port);
  }

  @Override
  public void close() throws IOException {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }
}
