// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.soak.Job.Kind;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Opens connections, hears how they ended, has each judged and counts. Of one thread. */
final class Traffic {
  static final String CLIENT = "client";

  private static final List<Kind> MIX =
      List.of(
          Kind.SHORT,
          Kind.SHORT,
          Kind.SHORT,
          Kind.SHORT,
          Kind.CHATTY,
          Kind.CHATTY,
          Kind.BULK,
          Kind.HALF_CLOSED,
          Kind.HALF_CLOSED,
          Kind.IDLE,
          Kind.LONG,
          Kind.FORBIDDEN,
          Kind.DNS);

  /** What nothing may disturb comes most. */
  private static final List<String> TARGETS =
      List.of(
          SoakResources.STEADY, SoakResources.STEADY, SoakResources.CHURN, SoakResources.GUARDED);

  private final SoakMesh mesh;
  private final SoakPlan plan;
  private final Judge judge;
  private final SplittableRandom random;
  private final Map<LabNode, LogTail> tails = new LinkedHashMap<>();
  private final Map<Long, Job> open = new HashMap<>();
  private final Counts counts = new Counts();
  private long lastId;

  Traffic(SoakMesh mesh, SoakPlan plan, Judge judge) {
    this.mesh = mesh;
    this.plan = plan;
    this.judge = judge;
    this.random = new SplittableRandom(~plan.seed());
    mesh.nodes().forEach(node -> tails.put(node, new LogTail(mesh.apps(node).log())));
  }

  Counts counts() {
    return counts;
  }

  int live() {
    return open.size();
  }

  /** Opens one more; which one is the seed's choice. */
  void open() throws IOException {
    Kind kind = pick();
    LabPod from = mesh.pod(CLIENT + (1 + random.nextInt(2)));
    String to = kind == Kind.FORBIDDEN ? SoakResources.VAULT : pick(TARGETS);
    boolean dns = kind == Kind.DNS;
    Job job =
        new Job(
            ++lastId,
            kind,
            from.name(),
            from.netns(),
            to,
            dns ? to + ".soak.svc.cluster.local" : address(to),
            dns ? SoakResources.VIP4.get(to) : "-",
            plan.longest().toSeconds());
    open.put(job.id(), job);
    mesh.apps(from.node()).tell(job.line());
  }

  /** Those that last hold half of the places at most: the others come and go fast. */
  private Kind pick() {
    Kind kind = pick(MIX);
    long lasting = open.values().stream().filter(job -> job.kind().lasts()).count();
    return kind.lasts() && lasting >= plan.connections() / 2 ? Kind.SHORT : kind;
  }

  private <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /** The service's, or that of one of the pods that stay; of either family. */
  private String address(String to) {
    boolean ip6 = random.nextBoolean();
    boolean direct = to.equals(SoakResources.VAULT) || random.nextInt(3) == 0;
    if (direct && !to.equals(SoakResources.CHURN)) {
      LabPod pod = mesh.pod(to + (1 + random.nextInt(2)));
      return ip6 ? pod.ip6() : pod.ip4();
    }
    return (ip6 ? SoakResources.VIP6 : SoakResources.VIP4).get(to);
  }

  /** Hears what the apps told since the last time. */
  void hear() throws IOException {
    for (LogTail tail : tails.values()) {
      tail.next().forEach(this::heard);
    }
  }

  private void heard(String line) {
    if (line.startsWith("opened ")) {
      counts.countOpened();
    } else if (line.startsWith("end ")) {
      Ending end = Ending.parse(line);
      Job job = open.remove(end.id());
      counts.ended(job, end, judge.of(job, end));
    } else if (line.startsWith("Exception")) {
      counts.fault("the apps failed: " + line);
    }
  }

  /** What never ended is at fault. */
  void abandon() {
    open.values().forEach(job -> counts.fault(job + ": never ended"));
    open.clear();
  }
}
