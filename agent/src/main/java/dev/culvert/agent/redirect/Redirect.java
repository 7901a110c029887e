// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.redirect;

import dev.culvert.linux.bpf.AttachedProgram;
import dev.culvert.linux.bpf.AttachedPrograms;
import dev.culvert.linux.bpf.BpfLink;
import dev.culvert.linux.bpf.BpfObject;
import dev.culvert.linux.bpf.BpfProgram;
import dev.culvert.linux.bpf.LinkInfo;
import dev.culvert.linux.bpf.NetnsLink;
import dev.culvert.linux.file.Cgroup;
import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The redirect programs of one node, attached to its cgroup and pinned. What an earlier agent left
 * is taken over: its maps keep their pods, its links get this agent's programs one by one, each
 * replaced at once, so no connection slips by meanwhile.
 */
public final class Redirect implements AutoCloseable {
  /** By address: which of two proxies is the newest, and the sockets of both. */
  private static final List<String> LISTENERS =
      List.of(
          "listeners",
          "other_listeners",
          "tunnels",
          "other_tunnels",
          "outbounds",
          "other_outbounds",
          "turns");

  private final PinFolder pins;
  private final BpfObject object;
  private final PairMaps pairs;
  private final ReusedPorts reusedPorts;

  private Redirect(PinFolder pins, BpfObject object) {
    this.pins = pins;
    this.object = object;
    this.pairs = new PairMaps(object);
    this.reusedPorts = new ReusedPorts(pins.reusedPorts());
  }

  /**
   * Loads, attaches and pins, or takes over.
   *
   * @param pinDirectory where to pin; a bpffs is mounted when there is none
   * @param cgroup the node: every process of a pod and the node's ztunnel must be in it
   */
  public static Redirect install(Path pinDirectory, Cgroup cgroup) throws IOException {
    PinFolder pins = PinFolder.ready(pinDirectory);
    return new Redirect(pins, new Installation(pins).install(cgroup));
  }

  /** Which pods may connect to each other without the proxy. */
  public PairMaps pairs() {
    return pairs;
  }

  /** The ids of the programs that run at cgroups. */
  public Set<Integer> programs() throws IOException {
    Set<Integer> ids = new TreeSet<>();
    for (BpfProgram program : object.programs()) {
      ids.add(program.id());
    }
    return ids;
  }

  /** Whose probes are let in. */
  public ProbeLink probes() {
    return new ProbeLink(pins, object);
  }

  /** A pod that the kernel knows, by the cookie of its network namespace. */
  public record RedirectedPod(
      long cookie, PodAddresses addresses, boolean steered, boolean captured) {}

  /** What an earlier agent enrolled. */
  public List<RedirectedPod> pods() throws IOException {
    List<RedirectedPod> pods = new ArrayList<>();
    for (byte[] key : object.map("pods").keys()) {
      Optional<byte[]> value = object.map("pods").lookup(key);
      if (value.isPresent()) {
        pods.add(redirected(RedirectAbi.cookie(key), RedirectAbi.Pod.decode(value.get())));
      }
    }
    return pods;
  }

  private RedirectedPod redirected(long cookie, RedirectAbi.Pod pod) throws IOException {
    boolean steered = Files.exists(namespacePin(cookie));
    for (InetAddress ip : pod.addresses().all()) {
      steered &= isOwner(cookie, ip);
    }
    return new RedirectedPod(cookie, pod.addresses(), steered, pod.captured());
  }

  /**
   * Lets the pod's proxy register its listeners; nothing is redirected yet. Whoever is registered
   * already at its addresses is of another namespace, which the kernel does not look at.
   */
  public void know(long cookie, PodAddresses addresses) throws IOException {
    for (InetAddress ip : addresses.all()) {
      for (String map : LISTENERS) {
        object.map(map).delete(RedirectAbi.address(ip));
      }
    }
    put(cookie, addresses, false);
  }

  /** Steers new inbound connections to the pod's proxy. */
  public void steer(long cookie, PodAddresses addresses, NetworkNamespace netns)
      throws IOException {
    for (InetAddress ip : addresses.all()) {
      object.map("pod_addresses").update(RedirectAbi.address(ip), RedirectAbi.cookie(cookie));
    }
    Path pin = namespacePin(cookie);
    if (!Files.exists(pin)) {
      requireAlone(netns);
      reusedPorts.allow(cookie, netns);
      try (NetnsLink link = NetnsLink.attach(object.program(Installation.STEER), netns)) {
        link.pin(pin);
      }
    }
  }

  /** Of several programs the last one that chooses a socket decides, whatever ours says. */
  private static void requireAlone(NetworkNamespace netns) throws IOException {
    List<AttachedProgram> others = AttachedPrograms.in(netns);
    if (!others.isEmpty()) {
      throw new IOException(
          "%s looks up sockets in its network namespace, and could let anybody in past the mesh; detach it"
              .formatted(others.getFirst()));
    }
  }

  /** Redirects what the pod's applications open from now on. */
  public void capture(long cookie, PodAddresses addresses) throws IOException {
    put(cookie, addresses, true);
  }

  /** Ends {@link #capture}; connections that were captured go on. */
  public void release(long cookie, PodAddresses addresses) throws IOException {
    put(cookie, addresses, false);
  }

  /** Does for a pod that is steered already what an earlier agent may not have done. */
  public void adopt(long cookie, NetworkNamespace netns) {
    reusedPorts.allow(cookie, netns);
  }

  /**
   * Ends {@link #steer}; addresses that another namespace has taken over stay with it.
   *
   * @param netns the pod's, if it is open
   */
  public void unsteer(long cookie, PodAddresses addresses, Optional<NetworkNamespace> netns)
      throws IOException {
    for (InetAddress ip : addresses.all()) {
      if (isOwner(cookie, ip)) {
        object.map("pod_addresses").delete(RedirectAbi.address(ip));
      }
    }
    PinnedLinks.remove(namespacePin(cookie));
    reusedPorts.restore(cookie, netns);
  }

  /**
   * Ends {@link #know}, and what of {@link #steer} is there still: an agent may have been killed
   * between the address and the link, either way, so that it was neither steered nor not.
   */
  public void forget(long cookie, PodAddresses addresses, Optional<NetworkNamespace> netns)
      throws IOException {
    unsteer(cookie, addresses, netns);
    object.map("pods").delete(RedirectAbi.cookie(cookie));
  }

  private void put(long cookie, PodAddresses addresses, boolean captured) throws IOException {
    RedirectAbi.Pod pod = new RedirectAbi.Pod(addresses, captured);
    object.map("pods").update(RedirectAbi.cookie(cookie), pod.encode());
  }

  private boolean isOwner(long cookie, InetAddress ip) throws IOException {
    return object
        .map("pod_addresses")
        .lookup(RedirectAbi.address(ip))
        .map(RedirectAbi::cookie)
        .equals(Optional.of(cookie));
  }

  private Path namespacePin(long cookie) {
    return pins.namespaces().resolve(Long.toHexString(cookie));
  }

  /** Every pinned link by its path. */
  public Map<Path, LinkInfo> links() throws IOException {
    Map<Path, LinkInfo> links = new TreeMap<>();
    for (Path folder : List.of(pins.links(), pins.namespaces())) {
      for (Path pin : PinFolder.list(folder)) {
        try (BpfLink link = BpfLink.openPinned(pin)) {
          links.put(pin, link.info());
        }
      }
    }
    return links;
  }

  /** Closes the descriptors; everything stays attached and pinned. */
  @Override
  public void close() {
    object.close();
  }

  /**
   * Detaches and unpins everything; captured connections that are open go on. Proxies that run have
   * registered their listeners in what is removed: they have to be restarted for the next install.
   */
  public static List<String> uninstall(Path pinDirectory) throws IOException {
    PinFolder pins = new PinFolder(pinDirectory.toAbsolutePath().normalize());
    return new Installation(pins).remove();
  }
}
