// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A mesh on this machine. A fabric namespace with a bridge joins the nodes and the place of the
 * controlplane; each node is a namespace with a bridge for its pods; each pod is a namespace. Every
 * name, cgroup, pin and file carries the lab's name, so several labs can run at once with the same
 * addresses. Everything is written to a manifest before it is made: {@link #destroy} cleans up
 * after any end of the process that made it. Needs root and iproute2. Not thread-safe.
 */
public final class Lab implements AutoCloseable {
  private final LabLayout layout;
  private final Manifest manifest;
  private final LabCgroup cgroup;
  private final Map<String, LabNode> nodes = new LinkedHashMap<>();
  private final Map<String, LabPod> pods = new LinkedHashMap<>();
  private final Thread hook = new Thread(this::cleanUp, "lab-clean-up");
  private boolean done;

  private Lab(LabLayout layout) throws IOException {
    this.layout = layout;
    this.manifest = Manifest.create(layout);
    this.cgroup = LabCgroup.of(layout);
  }

  /**
   * Makes the fabric and the controlplane's place; a lab of that name that was left behind is
   * cleaned up first. Ctrl-C cleans up too.
   *
   * @param name lower case letters, digits and dashes, at most 40
   * @throws LabBusyException when a living process runs the lab of that name
   */
  public static Lab create(String name) throws IOException {
    destroy(name);
    Lab lab = new Lab(new LabLayout(name));
    Runtime.getRuntime().addShutdownHook(lab.hook);
    try {
      lab.build();
      return lab;
    } catch (IOException | RuntimeException e) {
      lab.close();
      throw e;
    }
  }

  /**
   * Removes everything that a lab of this name left: processes, namespaces, pins, cgroups, files.
   *
   * @return false when there was no such lab
   * @throws LabBusyException when a living process other than this one runs it
   */
  public static boolean destroy(String name) throws IOException {
    return Manifest.cleanUp(new LabLayout(name).manifest());
  }

  private void build() throws IOException {
    manifest.owner();
    manifest.cgroup(cgroup.path());
    cgroup.create();
    new Topology(manifest).fabric(layout);
  }

  /** Adds a node: its namespace, its link to the fabric, its cgroup. */
  public LabNode addNode(String name) throws IOException {
    LabNode node = new LabNode(name, nodes.size() + 1, layout, cgroup.path());
    manifest.pins(node.pinDirectory());
    cgroup.createChildren(node);
    new Topology(manifest).node(layout, node, List.copyOf(nodes.values()));
    nodes.put(name, node);
    return node;
  }

  /** Adds a pod's namespace on a node. It is in the mesh once its YAML is written. */
  public LabPod addPod(LabNode node, LabPodSpec spec) throws IOException {
    LabPod pod = new LabPod(spec, node, node.nextPod(), layout);
    manifest.pod(pod);
    new Topology(manifest).pod(pod);
    pods.put(spec.name(), pod);
    return pod;
  }

  /** Removes a pod's namespace; processes in it are the caller's to end. */
  public void removePod(LabPod pod) throws IOException {
    IpCommand.batch(List.of("netns del " + pod.netns()));
    pods.remove(pod.name());
  }

  /** Starts a long-lived process there; its output goes to the folder of logs. */
  public LabProcess start(LabPlace place, String name, List<String> command) throws IOException {
    return LabProcess.start(layout, manifest, place, name, command);
  }

  /** Runs a short command there, at most 30 s, and waits for its end. */
  public CommandResult run(LabPlace place, List<String> command) throws IOException {
    return CommandResult.of(place.wrap(command));
  }

  /** Names and places of everything. */
  public LabLayout layout() {
    return layout;
  }

  /** By name, in the order they were added. */
  public Map<String, LabNode> nodes() {
    return new LinkedHashMap<>(nodes);
  }

  /** By name, in the order they were added. */
  public Map<String, LabPod> pods() {
    return new LinkedHashMap<>(pods);
  }

  /** The folder of YAML that controlplane and agents watch. */
  public LabResources resources() {
    return new LabResources(layout.resources());
  }

  /** Where the controlplane runs. */
  public LabPlace control() {
    return LabPlace.of(layout.namespace("control"), cgroup.path().resolve("control"));
  }

  /** Where the links of all nodes meet; each link is named as its node. */
  public LabPlace fabric() {
    return LabPlace.of(layout.namespace("fabric"), cgroup.path().resolve("control"));
  }

  /** Leaves the lab running when this process ends; {@link #destroy} is then the way to end it. */
  public synchronized void keep() throws IOException {
    manifest.disown();
    done = true;
  }

  /** Ends every process and removes everything, unless the lab is kept. */
  @Override
  public void close() {
    cleanUp();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending; the hook finds nothing left to do.
    }
  }

  private synchronized void cleanUp() {
    if (done) {
      return;
    }
    done = true;
    try {
      manifest.undo();
    } catch (IOException e) {
      System.err.printf("lab %s: not all of it is cleaned up: %s%n", layout.name(), e.getMessage());
    }
  }
}
