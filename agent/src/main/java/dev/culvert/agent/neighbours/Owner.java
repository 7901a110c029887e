// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.neighbours;

import dev.culvert.linux.bpf.AttachedProgram;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** Software that is known to attach programs to sockets of pods, by the names of its programs. */
enum Owner {
  CILIUM(
      "Cilium",
      "set socketLB.hostNamespaceOnly=true in Cilium's Helm values (bpf-lb-sock-hostns-only in the"
          + " ConfigMap cilium-config)",
      "cil_sock.*|sock[46]_.*"),
  CALICO(
      "Calico's eBPF data plane",
      "set bpfConnectTimeLoadBalancing: Disabled and bpfHostNetworkedNATWithoutCTLB: Enabled in the"
          + " FelixConfiguration",
      "calico_(connect|sendmsg|recvmsg).*|cali_ctlb.*"),
  KMESH(
      "Kmesh",
      "have each namespace in one mesh only: take the label istio.io/dataplane-mode=Kmesh away",
      "cgroup_connect[46].*"),
  MERBRIDGE(
      "Merbridge",
      "remove it: it leads the same connections to another proxy",
      "mb_(sock|get_sockopt).*");

  private final String title;
  private final String remedy;
  private final Pattern programs;

  Owner(String title, String remedy, String programs) {
    this.title = title;
    this.remedy = remedy;
    this.programs = Pattern.compile(programs);
  }

  private static Optional<Owner> of(AttachedProgram program) {
    return Arrays.stream(values())
        .filter(owner -> owner.programs.matcher(program.name()).matches())
        .findFirst();
  }

  /** Whose program it seems to be. */
  static Optional<String> titleOf(AttachedProgram program) {
    return of(program).map(owner -> owner.title);
  }

  /** What to do about one that acts on connections before the mesh sees them. */
  static String remedyFor(AttachedProgram program) {
    return of(program).map(owner -> owner.remedy).orElseGet(() -> unknown(program));
  }

  private static String unknown(AttachedProgram program) {
    return "find out whose it is ('bpftool prog show id %d') and have it leave the connections of pods alone"
        .formatted(program.id());
  }
}
