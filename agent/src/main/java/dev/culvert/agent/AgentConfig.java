// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import dev.culvert.agent.enroll.EnrolmentSettings;
import dev.culvert.agent.probes.ProbeOrigin;
import dev.culvert.agent.source.PodSource;
import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The agent's settings.
 *
 * @param node whose pods are enrolled
 * @param source what names its pods
 * @param cgroup empty: the root of cgroup v2
 * @param pinDirectory on a bpffs
 * @param zdsSocket where ztunnel connects
 * @param pairsSocket where ztunnel tells which pods may connect without it
 * @param socket where root asks
 * @param probeOrigin whose probes are let in
 * @param ztunnelPatience how long a new pod waits for ztunnel
 * @param cniSocket where the CNI plugin calls
 * @param cniPatience how long the start of a pod waits for the mesh
 * @param cniConfDir whose conflist has the plugin put in; empty: none
 * @param cniOwnList whether it is put into a list of its own there
 */
public record AgentConfig(
    String node,
    PodSource source,
    Optional<Path> cgroup,
    Path pinDirectory,
    Path zdsSocket,
    Path pairsSocket,
    Path socket,
    ProbeOrigin probeOrigin,
    Duration ztunnelPatience,
    Path cniSocket,
    Duration cniPatience,
    Optional<Path> cniConfDir,
    boolean cniOwnList) {

  private static final Setting<String> NODE =
      Setting.text("node", "", "the node whose pods are enrolled: spec.nodeName in their YAML")
          .withoutDefault();
  private static final Setting<String> SOURCE =
      Setting.text(
              "source",
              "",
              "what names the node's pods: a watched folder of Kubernetes YAML, or 'kubernetes' for an"
                  + " API server")
          .withoutDefault();
  private static final Setting<String> KUBECONFIG =
      Setting.text(
          "kubeconfig",
          "",
          "with source=kubernetes; empty for the pod's ServiceAccount, or what KUBECONFIG names");
  private static final Setting<Optional<Path>> CGROUP =
      Setting.path("cgroup", "", "cgroup v2 folder that holds the node; absent: its root")
          .optional();
  private static final Setting<Path> PIN_DIR =
      Setting.path(
          "pin-dir",
          "/sys/fs/bpf/culvert",
          "what is pinned here outlives the agent; a bpffs is mounted if there is none");
  private static final Setting<Path> ZDS_SOCKET =
      Setting.path(
          "zds-socket",
          "/var/run/ztunnel/ztunnel.sock",
          "where the node's ztunnel connects; Istio's default, so that either ztunnel finds it");
  private static final Setting<Path> PAIRS_SOCKET =
      Setting.path(
          "pairs-socket",
          "/run/culvert/pairs.sock",
          "where a ztunnel with same-node=kernel tells which pods may connect without it");
  private static final Setting<Path> SOCKET =
      Setting.path(
          "socket", "/run/culvert/agent.sock", "where root asks for status, features and links");
  private static final Setting<ProbeOrigin> PROBE_CGROUP =
      new Setting<>(
          "probe-cgroup",
          "auto|none|path",
          Optional.of(ProbeOrigin.AUTO),
          false,
          "whose connections to pods are health probes, let in past every policy: those of the"
              + " cgroup of the node's kubelet, found by its process; or of a folder, absolute or"
              + " below 'cgroup', that is neither above nor among the groups of pods; or nobody's",
          ProbeOrigin::parse);
  private static final Setting<Duration> ZTUNNEL_PATIENCE =
      Setting.duration(
          "ztunnel-patience",
          Duration.ofSeconds(2),
          "how long a new pod's connections pass unseen while no ztunnel serves it; then they are"
              + " refused. A running ztunnel needs milliseconds");

  private static final Setting<Path> CNI_SOCKET =
      Setting.path(
          "cni-socket",
          "/run/culvert/cni.sock",
          "where the CNI plugin calls; the names of enrolled namespaces are kept beside it, for when"
              + " no agent answers");

  /** After a minute the plugin takes the agent for dead (daemonset/cni/culvert-cni.c). */
  private static final Duration LONGEST_CNI_PATIENCE = Duration.ofSeconds(50);

  private static final Setting<Duration> CNI_PATIENCE =
      atMost(
          LONGEST_CNI_PATIENCE,
          Setting.duration(
              "cni-patience",
              Duration.ofSeconds(10),
              "how long the start of a pod waits for the mesh, at most 50s; then the runtime is told"
                  + " to try again later"));

  private static final Setting<Optional<Path>> CNI_CONF_DIR =
      Setting.path(
              "cni-conf-dir",
              "",
              "folder of the runtime's network configuration, such as /etc/cni/net.d: the plugin is"
                  + " put into its first conflist, again when another CNI rewrites that, and taken out"
                  + " by uninstall; or absent")
          .optional();

  private static final Setting<Boolean> CNI_OWN_LIST =
      Setting.flag(
          "cni-own-list",
          false,
          "put the plugin not into the list of the node's CNI but into one of its own, which has the"
              + " same plugins and comes first: then pods are held at the boot of a node also when its"
              + " CNI writes its list anew before an agent runs");

  private static Setting<Duration> atMost(Duration most, Setting<Duration> span) {
    return new Setting<>(
        span.key(),
        span.form(),
        span.standard(),
        span.required(),
        span.why(),
        text -> {
          Duration given = span.parser().apply(text);
          if (given.compareTo(most) > 0) {
            throw new IllegalArgumentException("at most %ds".formatted(most.toSeconds()));
          }
          return given;
        });
  }

  /** Every setting, in the order of help texts. */
  public static List<Setting<?>> settings() {
    return List.of(
        NODE,
        SOURCE,
        KUBECONFIG,
        CGROUP,
        PIN_DIR,
        ZDS_SOCKET,
        PAIRS_SOCKET,
        SOCKET,
        PROBE_CGROUP,
        ZTUNNEL_PATIENCE,
        CNI_SOCKET,
        CNI_PATIENCE,
        CNI_CONF_DIR,
        CNI_OWN_LIST);
  }

  public static AgentConfig from(Settings settings) {
    return new AgentConfig(
        settings.get(NODE),
        PodSource.parse(settings.get(SOURCE), settings.get(KUBECONFIG)),
        settings.get(CGROUP),
        settings.get(PIN_DIR),
        settings.get(ZDS_SOCKET),
        settings.get(PAIRS_SOCKET),
        settings.get(SOCKET),
        settings.get(PROBE_CGROUP),
        settings.get(ZTUNNEL_PATIENCE),
        settings.get(CNI_SOCKET),
        settings.get(CNI_PATIENCE),
        settings.get(CNI_CONF_DIR),
        settings.get(CNI_OWN_LIST));
  }

  EnrolmentSettings enrolment() {
    return new EnrolmentSettings(node, ztunnelPatience, cniSocket, cniPatience);
  }
}
