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
 * The command of a process as a DaemonSet of ztunnel runs it: its volumes at their places, a root
 * that cannot be written to, the chart's capabilities and group, and no variables but its own.
 */
public final class ChartContainer {
  /** The mounts end with the process, which is alone in its mount namespace. */
  private static final String MOUNTS =
      """
      set -e
      files=$1; sockets=$2; mounted=$3; checkout=$4; shift 4
      mount -t tmpfs tmpfs /mnt
      mkdir /mnt/files /mnt/sockets /mnt/checkout
      mount --bind "$checkout" /mnt/checkout
      mount --bind "$files" /mnt/files
      mount --bind "$sockets" /mnt/sockets
      mount --bind "$files/hosts" /etc/hosts
      mount --bind "$files/resolv.conf" /etc/resolv.conf
      mount -t tmpfs tmpfs /run
      for volume in /mnt/files/*/; do
        secret=/run/secrets/$(basename "$volume")
        mkdir -p "$secret"
        mount --bind "$volume" "$secret"
      done
      mkdir -p "$mounted"
      mount --bind /mnt/sockets "$mounted"
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

  private final Chart chart;
  private final Path files;
  private final Path sockets;

  /**
   * One whose volumes are empty yet.
   *
   * @param files a folder of its own
   * @param sockets where the node's agent listens, in a file of the name that the chart expects
   */
  public ChartContainer(Chart chart, Path files, Path sockets) {
    this.chart = chart;
    this.files = files;
    this.sockets = sockets;
  }

  /** A file of a volume below /run/secrets, or one of /etc. */
  public ChartContainer with(String file, String text) throws IOException {
    Path written = files.resolve(file);
    Files.createDirectories(written.getParent());
    Files.writeString(written, text);
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
                chart.sockets(),
                CHECKOUT.toString()));
    Map<String, String> variables = new TreeMap<>(chart.variables(node));
    // What Kubernetes itself puts into each container, and the leak search of the tests.
    variables.put("KUBERNETES_SERVICE_HOST", "10.96.0.1");
    variables.put("JDK_JAVA_OPTIONS", System.getenv().getOrDefault("JDK_JAVA_OPTIONS", ""));
    variables.putAll(more);
    variables.forEach((name, value) -> command.add(name + "=" + value));
    command.addAll(JavaCommand.program("proxy", List.of("ztunnel")));
    return command;
  }
}
