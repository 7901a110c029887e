// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** A node: a network namespace with a bridge for its pods, and a cgroup for its processes. */
public final class LabNode {
  private static final int FIRST_POD = 10;

  private final String name;
  private final int number;
  private final LabLayout layout;
  private final Path labCgroup;
  private final AtomicInteger nextPod = new AtomicInteger(FIRST_POD);

  LabNode(String name, int number, LabLayout layout, Path labCgroup) {
    if (number > 200) {
      throw new IllegalArgumentException("a lab has room for 200 nodes");
    }
    this.name = name;
    this.number = number;
    this.layout = layout;
    this.labCgroup = labCgroup;
  }

  int nextPod() {
    int next = nextPod.getAndIncrement();
    if (next > 254) {
      throw new IllegalStateException("a node has room for 245 pods in its life");
    }
    return next;
  }

  public String name() {
    return name;
  }

  public String netns() {
    return layout.namespace(name);
  }

  /** The cgroup that redirect programs are attached to: agent, ztunnel and pods are below it. */
  public Path cgroup() {
    return labCgroup.resolve(name);
  }

  /** Where agent and ztunnel run. */
  public LabPlace place() {
    return LabPlace.of(netns(), cgroup().resolve("system"));
  }

  /** In the BPF file system; nodes and labs share the kernel, each with pins of its own. */
  public Path pinDirectory() {
    return Path.of("/sys/fs/bpf", netns());
  }

  /** Sockets of the node's agent. */
  public Path directory() {
    return layout.directory().resolve(name);
  }

  public Path zdsSocket() {
    return directory().resolve("ztunnel.sock");
  }

  /** Where the CNI plugin calls, and beside it what it reads while no agent answers. */
  public Path cniSocket() {
    return directory().resolve("cni.sock");
  }

  public Path agentSocket() {
    return directory().resolve("agent.sock");
  }

  /** Where its ztunnel tells its agent which pods may connect without it. */
  public Path pairsSocket() {
    return directory().resolve("pairs.sock");
  }

  /** Its address on the fabric. */
  public String ip4() {
    return "198.18.0." + number;
  }

  /** Its address on the fabric. */
  public String ip6() {
    return "fd00:c01::" + Integer.toHexString(number);
  }

  String podSubnet4() {
    return "198.18.%d.0/24".formatted(number);
  }

  String podSubnet6() {
    return "fd00:c01:%x::/64".formatted(number);
  }

  /** The n-th address of the node's pods; 1 is the node's own, on the pods' bridge. */
  String pod4(int n) {
    return "198.18.%d.%d".formatted(number, n);
  }

  String pod6(int n) {
    return "fd00:c01:%x::%x".formatted(number, n);
  }

  @Override
  public String toString() {
    return name;
  }
}
