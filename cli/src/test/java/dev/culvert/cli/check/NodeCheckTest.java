// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.agent.neighbours.Neighbour;
import dev.culvert.cli.CommandRun;
import dev.culvert.cli.status.LocalAgent;
import dev.culvert.linux.KernelRelease;
import dev.culvert.linux.bpf.AttachedProgram;
import dev.culvert.linux.bpf.Feature;
import dev.culvert.linux.bpf.FeatureResult;
import dev.culvert.linux.bpf.Hook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node can lack, as it is told. */
final class NodeCheckTest {
  private static final KernelRelease KERNEL = KernelRelease.parse("5.10");

  @TempDir private Path proc;

  @Test
  void thisNodeIsLookedAt() throws IOException {
    CommandRun run = CommandRun.of("check", "--node");
    assertThat(run.output())
        .startsWith("this node")
        .contains("kernel " + KernelRelease.running(), "cgroup v2", "BPF file system", "io_uring")
        .doesNotContain("could not be looked at");
  }

  @Test
  void agentThatIsDeadDoesNotHideTheProgramsOfOthers() throws IOException {
    LocalAgent dead = new LocalAgent(proc.resolve("agent.sock"));
    assertThat(texts(new AttachedCheck(() -> List.of(dead)).findings()))
        .noneMatch(text -> text.startsWith("FAIL"))
        .last()
        .asString()
        .contains(dead.socket() + ", which does not answer");
  }

  private static List<String> kernelWithout(Feature missing) {
    List<FeatureResult> results =
        Arrays.stream(Feature.values())
            .map(feature -> new FeatureResult(feature, feature != missing))
            .toList();
    return texts(KernelCheck.of(KERNEL, results));
  }

  private static List<String> texts(List<Finding> findings) {
    return findings.stream().map(Finding::text).toList();
  }

  @Test
  void everyAbilityThatIsNeededFailsByNameWithTheKernelThatHasIt() {
    for (Feature feature : Feature.values()) {
      List<String> told = kernelWithout(feature);
      assertThat(told).hasSize(2);
      assertThat(told.getFirst())
          .isEqualTo(
              "ok    kernel %s: %d of %d abilities that the mesh asks for"
                  .formatted(KERNEL, Feature.values().length - 1, Feature.values().length));
      assertThat(told.get(1))
          .startsWith(feature.isRequired() ? "FAIL" : "WARN")
          .contains(
              feature.description(), "-> use a kernel of %s or newer".formatted(feature.since()));
    }
  }

  @Test
  void abilityThatOnlyTurnsSomethingOffIsAWarning() {
    assertThat(kernelWithout(Feature.SOCK_DESTROY).get(1))
        .startsWith("WARN")
        .contains("or leave same-node=kernel off");
  }

  @Test
  void cgroupIsWhereTheChartLooksOrTheValueIsNamed() {
    assertThat(MountsCheck.cgroup(Path.of("/sys/fs/cgroup")).text())
        .isEqualTo("ok    cgroup v2 is at /sys/fs/cgroup");
    assertThat(MountsCheck.cgroup(Path.of("/sys/fs/cgroup/unified")).text())
        .startsWith("WARN")
        .contains("beside v1", "-> on a cluster set agent.cgroup=/sys/fs/cgroup/unified");
    assertThat(MountsCheck.withoutCgroup(new IOException("cgroup v2 is not mounted")).text())
        .startsWith("FAIL  cgroup v2 is not mounted")
        .contains("-> boot with systemd.unified_cgroup_hierarchy=1");
  }

  @Test
  void nodeWithoutABpfFileSystemIsToldTheValue() {
    assertThat(MountsCheck.bpffs(Optional.of(Path.of("/sys/fs/bpf"))).text())
        .isEqualTo("ok    a BPF file system is at /sys/fs/bpf");
    assertThat(MountsCheck.bpffs(Optional.empty()).text())
        .startsWith("WARN")
        .contains("-> the agent mounts one", "agent.mountBpffs=true");
  }

  private List<String> transport(String disabled, String status) throws IOException {
    Path kernel = Files.createDirectories(proc.resolve("sys/kernel"));
    Files.writeString(kernel.resolve("io_uring_disabled"), disabled + "\n");
    Files.writeString(
        Files.createDirectories(proc.resolve("self")).resolve("status"), "Name:\tjava\n" + status);
    return texts(new TransportCheck(proc).findings());
  }

  private void giveSeccomp() throws IOException {
    Path folder = Files.createDirectories(proc.resolve("sys/kernel/seccomp"));
    Files.writeString(folder.resolve("actions_avail"), "kill errno\n");
  }

  @Test
  void ioUringIsToldAsTheKernelAllowsIt() throws IOException {
    giveSeccomp();
    assertThat(transport("0", "").getFirst()).startsWith("ok    io_uring is allowed");
    assertThat(transport("1", "").getFirst()).startsWith("note  io_uring is for privileged");
    assertThat(transport("2", "").getFirst()).startsWith("note  io_uring is off").contains("epoll");
    Files.delete(proc.resolve("sys/kernel/io_uring_disabled"));
    assertThat(new TransportCheck(proc).findings().getFirst().text())
        .as("before Linux 6.6 there is no such setting")
        .startsWith("ok");
  }

  @Test
  void seccompIsMissedAndAFilterIsTold() throws IOException {
    assertThat(transport("0", "Seccomp:\t0\n").get(1))
        .startsWith("WARN  this kernel has no seccomp")
        .contains("-> containers run unfiltered; use one with CONFIG_SECCOMP");
    giveSeccomp();
    assertThat(transport("0", "Seccomp:\t0\n").get(1)).isEqualTo("ok    seccomp is there");
    assertThat(transport("0", "Seccomp:\t2\n").get(1))
        .startsWith("note  this process runs under a seccomp filter");
  }

  @Test
  void programOfAnotherIsAWarningOnlyWhereItRunsFirst() {
    AttachedProgram cilium = new AttachedProgram(7, "cil_sock4_conne");
    assertThat(
            AttachedCheck.of(new Neighbour(Hook.CONNECT4, cilium, Neighbour.Order.BEFORE)).text())
        .startsWith("WARN")
        .contains("cil_sock4_conne (program 7)", "before the mesh's", "past its waypoint")
        .contains("-> ", "socketLB.hostNamespaceOnly=true");
    assertThat(
            AttachedCheck.of(new Neighbour(Hook.CONNECT4, cilium, Neighbour.Order.BEHIND)).text())
        .startsWith("note")
        .contains("behind the mesh's");
  }
}
