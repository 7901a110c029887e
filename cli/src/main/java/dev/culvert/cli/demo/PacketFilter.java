// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.CommandResult;
import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Rules of iptables and nftables in a pod's namespace. */
final class PacketFilter {
  private PacketFilter() {}

  /** The iptables tables that exist there, and the nftables rules when the nft tool is here. */
  static List<String> rules(Lab lab, LabPod pod, long pidInside) throws IOException {
    List<String> rules = new ArrayList<>();
    for (String table : List.of("ip_tables_names", "ip6_tables_names", "arp_tables_names")) {
      Path file = Path.of("/proc/" + pidInside + "/net/" + table);
      if (Files.exists(file)) {
        rules.addAll(Files.readAllLines(file));
      }
    }
    if (Files.isExecutable(Path.of("/usr/sbin/nft"))) {
      CommandResult result = lab.run(pod.place(), List.of("/usr/sbin/nft", "list", "ruleset"));
      rules.addAll(result.out().lines().toList());
    }
    return rules;
  }
}
