// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import static dev.culvert.cli.soak.Happenings.NEVER;

import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.soak.Happenings.Closing;
import dev.culvert.cli.soak.Happenings.Denial;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Does things to the mesh, one at a time: rounds of all kinds, in an order that the seed says. Of
 * one thread, but for {@link #done}.
 */
final class Churn {
  private static final Duration DENIED = Duration.ofSeconds(2);

  /** A lab's node has addresses for 245 pods in its life. */
  private static final int MOST_PODS = 400;

  /** Each ztunnel of a node has ports of its own. */
  private static final int MOST_UPGRADES = 90;

  private static final List<Deed> REPLACEMENTS =
      List.of(Deed.AGENT_KILLED, Deed.CONTROLPLANE_KILLED, Deed.ZTUNNEL_UPGRADED);
  private static final String POLICY_FILE = "policy-guarded.yaml";
  private static final List<String> GUARDED_PODS =
      List.of(SoakResources.GUARDED + 1, SoakResources.GUARDED + 2);

  private final SoakMesh mesh;
  private final Happenings happenings;
  private final Random random;
  private final Deque<Deed> round = new ArrayDeque<>();
  private final Deque<String> pods = new ArrayDeque<>();
  private final Map<Deed, Integer> done = new EnumMap<>(Deed.class);
  private int podNumber;
  private int upgrades;

  Churn(SoakMesh mesh, Happenings happenings, long seed) {
    this.mesh = mesh;
    this.happenings = happenings;
    this.random = new Random(seed);
  }

  /** How often each kind was done. Any thread. */
  synchronized Map<Deed, Integer> done() {
    return new EnumMap<>(done);
  }

  /** The pods that all traffic begins with, on each node one of each app. */
  void firstPods() throws IOException {
    happenings.add(Denial.forEver(SoakResources.VAULT));
    int number = 1;
    for (LabNode node : mesh.nodes()) {
      mesh.addPod(node, Traffic.CLIENT, Traffic.CLIENT + number);
      mesh.addPod(node, SoakResources.STEADY, SoakResources.STEADY + number);
      mesh.addPod(node, SoakResources.GUARDED, SoakResources.GUARDED + number);
      mesh.addPod(node, SoakResources.VAULT, SoakResources.VAULT + number);
      addPod();
      number++;
    }
    mesh.news()
        .awaitPolicy(
            SoakResources.policyName(SoakResources.VAULT),
            List.of(SoakResources.VAULT + 1, SoakResources.VAULT + 2));
  }

  /** Whether every daemon that is replaced at all was replaced once. Any thread. */
  synchronized boolean hasReplaced() {
    return done.keySet().containsAll(REPLACEMENTS);
  }

  /**
   * The next thing.
   *
   * @param mayReplace whether a daemon may end; its memory is judged from its last start on
   */
  void next(boolean mayReplace) throws IOException {
    if (!mayReplace) {
      round.removeAll(REPLACEMENTS);
    }
    if (round.isEmpty()) {
      fillRound(mayReplace);
    }
    Deed deed = round.removeFirst();
    switch (deed) {
      case POD_REPLACED -> replacePod();
      case POLICY_EDITED -> editPolicy();
      case AGENT_KILLED -> killAgent();
      case CONTROLPLANE_KILLED -> killControlPlane();
      case ZTUNNEL_UPGRADED -> upgradeZtunnel();
      case CERTIFICATE_RENEWED -> throw new IllegalStateException("the proxies do that");
    }
    count(deed);
  }

  /** Replacements come first: the earlier one is, the longer what comes after it is judged. */
  private void fillRound(boolean mayReplace) {
    if (mayReplace) {
      round.addAll(shuffled(REPLACEMENTS));
    }
    if (upgrades >= MOST_UPGRADES) {
      round.remove(Deed.ZTUNNEL_UPGRADED);
    }
    boolean room = podNumber < MOST_PODS;
    round.addAll(
        shuffled(
            room ? List.of(Deed.POD_REPLACED, Deed.POLICY_EDITED) : List.of(Deed.POLICY_EDITED)));
  }

  private List<Deed> shuffled(List<Deed> deeds) {
    List<Deed> shuffled = new ArrayList<>(deeds);
    Collections.shuffle(shuffled, random);
    return shuffled;
  }

  private void replacePod() throws IOException {
    addPod();
    String old = pods.removeFirst();
    mesh.retire(old);
    happenings.add(new Closing(SoakResources.CHURN, old, System.nanoTime()));
    mesh.endApp(old);
    mesh.removePod(old);
  }

  private void addPod() throws IOException {
    podNumber++;
    String name = SoakResources.CHURN + "-" + podNumber;
    mesh.addPod(mesh.nodes().get(podNumber % 2), SoakResources.CHURN, name);
    pods.addLast(name);
  }

  private void editPolicy() throws IOException {
    String policy = SoakResources.policyName(SoakResources.GUARDED);
    Denial denial = new Denial(SoakResources.GUARDED, System.nanoTime(), NEVER, NEVER, NEVER);
    happenings.add(denial);
    mesh.write(POLICY_FILE, SoakResources.refusing(SoakResources.GUARDED));
    mesh.news().awaitPolicy(policy, GUARDED_PODS);
    denial = denial.nowKnown(System.nanoTime());
    happenings.replaceLast(denial);
    Pause.of(DENIED);
    denial = denial.nowLifted(System.nanoTime());
    happenings.replaceLast(denial);
    mesh.delete(POLICY_FILE);
    mesh.news().awaitNoPolicy(policy);
    happenings.replaceLast(denial.nowForgotten(System.nanoTime()));
  }

  /** That of the first node: the other's lives as long as the soak, and is judged for that. */
  private void killAgent() throws IOException {
    LabNode node = mesh.nodes().getFirst();
    mesh.daemons().get("agent-" + node.name()).kill();
    Pause.of(Duration.ofMillis(random.nextInt(1000)));
    mesh.startAgent(node);
  }

  /** Of the same node, for the same reason. */
  private void upgradeZtunnel() throws IOException {
    upgrades++;
    mesh.proxies().upgrade(mesh.nodes().getFirst());
  }

  private void killControlPlane() throws IOException {
    mesh.daemons().get("controlplane").kill();
    Pause.of(Duration.ofMillis(random.nextInt(1000)));
    mesh.startControlPlane();
  }

  private synchronized void count(Deed deed) {
    done.merge(deed, 1, Integer::sum);
  }
}
