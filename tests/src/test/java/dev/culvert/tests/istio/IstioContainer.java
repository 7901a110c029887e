// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.istio;

import dev.culvert.cli.lab.JavaCommand;
import dev.culvert.cli.lab.LabNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The command of a process as Istio's DaemonSet runs it: its volumes at their places, a root that
 * cannot be written to, the chart's capabilities and group, and no variables but its own.
 */
public final class IstioContainer {
  /** The mounts end with the process, which is alone in its mount namespace. */
  private static final String MOUNTS =
      """
      set -e
      files=$1; sockets=$2; checkout=$3; shift 3
      mount -t tmpfs tmpfs /mnt
      mkdir /mnt/files /mnt/sockets /mnt/checkout
      mount --bind "$checkout" /mnt/checkout
      mount --bind "$files" /mnt/files
      mount --bind "$sockets" /mnt/sockets
      mount --bind "$files/hosts" /etc/hosts
      mount --bind "$files/resolv.conf" /etc/resolv.conf
      mount -t tmpfs tmpfs /run
      mkdir -p /run/secrets/istio /run/secrets/tokens /run/ztunnel
      mount --bind /mnt/files/istio /run/secrets/istio
      mount --bind /mnt/files/tokens /run/secrets/tokens
      mount --bind /mnt/sockets /run/ztunnel
      mount -t tmpfs tmpfs /tmp
      mkdir -p "$checkout"
      mount --bind /mnt/checkout "$checkout"
      mount -o remount,bind,ro "$checkout"
      umount -l /mnt/files /mnt/sockets /mnt/checkout /mnt
      mount -o remount,bind,ro /
      cd /
      exec setpriv --regid 1337 --clear-groups --inh-caps -all \\
        --bounding-set -all,+net_admin,+sys_admin,+net_raw env -i "$@"
      """;

  /** Its programs stay at their place, also below a folder that a volume covers. */
  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();

  private final Path files;
  private final Path sockets;

  /**
   * Writes what the volumes hold.
   *
   * @param files a folder of its own
   * @param sockets where the node's agent listens, in a file of the name that istio-cni gives it
   */
  public IstioContainer(Path files, Path sockets) throws IOException {
    this.files = files;
    this.sockets = sockets;
    Files.createDirectories(files.resolve("istio"));
    Files.createDirectories(files.resolve("tokens"));
  }

  /** The file of a volume. */
  public IstioContainer with(String file, String text) throws IOException {
    Files.writeString(files.resolve(file), text);
    return this;
  }

  /** The command line, for where the node's processes run. */
  public List<String> command(LabNode node, Map<String, String> more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                MOUNTS,
                "container",
                files.toString(),
                sockets.toString(),
                CHECKOUT.toString()));
    Map<String, String> variables = new TreeMap<>(chart(node));
    variables.putAll(more);
    variables.forEach((name, value) -> command.add(name + "=" + value));
    command.addAll(JavaCommand.program("proxy", List.of("ztunnel")));
    return command;
  }

  /** What the chart of Istio's ztunnel sets. */
  private static Map<String, String> chart(LabNode node) {
    return Map.ofEntries(
        Map.entry("CA_ADDRESS", "istiod.istio-system.svc:15012"),
        Map.entry("XDS_ADDRESS", "istiod.istio-system.svc:15012"),
        Map.entry("RUST_LOG", "info"),
        Map.entry("RUST_BACKTRACE", "1"),
        Map.entry("ISTIO_META_CLUSTER_ID", "Kubernetes"),
        Map.entry("INPOD_ENABLED", "true"),
        Map.entry("TERMINATION_GRACE_PERIOD_SECONDS", "30"),
        Map.entry("POD_NAME", "ztunnel-" + node.name()),
        Map.entry("POD_NAMESPACE", "istio-system"),
        Map.entry("NODE_NAME", node.name()),
        Map.entry("INSTANCE_IP", node.ip4()),
        Map.entry("SERVICE_ACCOUNT", "ztunnel"),
        Map.entry("ZTUNNEL_CPU_LIMIT", "2"),
        // What Kubernetes itself puts into each container, and the leak search of the tests.
        Map.entry("KUBERNETES_SERVICE_HOST", "10.96.0.1"),
        Map.entry("JDK_JAVA_OPTIONS", System.getenv().getOrDefault("JDK_JAVA_OPTIONS", "")));
  }
}
