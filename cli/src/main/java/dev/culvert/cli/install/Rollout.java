// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetStatus;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether workloads have become what was applied, as {@code kubectl rollout status} has it. */
final class Rollout {
  private static final long PAUSE_MILLIS = 1_000;
  private static final String REVISION = "controller-revision-hash";

  private final KubernetesClient client;
  private final Progress progress;

  Rollout(KubernetesClient client, Progress progress) {
    this.client = client;
    this.progress = progress;
  }

  /**
   * How far a workload is.
   *
   * @param done pods that are new and ready
   * @param wanted pods
   */
  record State(String name, int done, int wanted, boolean complete) {
    @Override
    public String toString() {
      return "%s: %d of %d are ready".formatted(name, done, wanted);
    }
  }

  /**
   * Waits for all workloads among the parts.
   *
   * @throws IOException when they are not complete in time, with what holds them up
   */
  void await(Parts parts, Duration patience) throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    List<State> states = states(parts);
    while (!states.stream().allMatch(State::complete)) {
      report(states);
      if (System.nanoTime() > end) {
        throw new IOException(late(parts, states, patience));
      }
      pause();
      states = states(parts);
    }
    report(states);
  }

  private void report(List<State> states) {
    progress.say("  " + String.join("; ", states.stream().map(State::toString).toList()));
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting", e);
    }
  }

  List<State> states(Parts parts) {
    return parts.objects().stream().map(this::state).flatMap(Optional::stream).toList();
  }

  private Optional<State> state(HasMetadata part) {
    if (!(part instanceof DaemonSet) && !(part instanceof Deployment)) {
      return Optional.empty();
    }
    HasMetadata now = client.resource(part).get();
    return Optional.of(
        switch (now) {
          case DaemonSet set -> replaced(set, of(set));
          case Deployment deployment -> of(deployment);
          case null, default -> new State(Parts.name(part), 0, 1, false);
        });
  }

  /**
   * Of a node that has two pods the status counts the older one until it is gone, and a ztunnel may
   * drain for long: then the new ones are counted here.
   */
  private State replaced(DaemonSet set, State told) {
    DaemonSetStatus status = set.getStatus();
    if (told.complete() || status == null || !isSeen(set, status.getObservedGeneration())) {
      return told;
    }
    Optional<String> revision = revision(set);
    int done =
        (int)
            pods(set)
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .filter(pod -> label(pod, REVISION).equals(revision))
                .filter(Readiness::isPodReady)
                .count();
    boolean complete = revision.isPresent() && told.wanted() > 0 && done >= told.wanted();
    return new State(told.name(), Math.max(done, told.done()), told.wanted(), complete);
  }

  /** The newest one's name for itself, which its pods have too. */
  private Optional<String> revision(DaemonSet set) {
    return client
        .apps()
        .controllerRevisions()
        .inNamespace(set.getMetadata().getNamespace())
        .withLabel("app", set.getMetadata().getName())
        .list()
        .getItems()
        .stream()
        .max(Comparator.comparing(ControllerRevision::getRevision))
        .flatMap(newest -> label(newest, REVISION));
  }

  private static Optional<String> label(HasMetadata object, String key) {
    return Optional.ofNullable(object.getMetadata().getLabels()).map(labels -> labels.get(key));
  }

  static State of(DaemonSet set) {
    DaemonSetStatus status = Optional.ofNullable(set.getStatus()).orElseGet(DaemonSetStatus::new);
    int wanted = number(status.getDesiredNumberScheduled());
    int done =
        Math.min(number(status.getUpdatedNumberScheduled()), number(status.getNumberAvailable()));
    boolean seen = isSeen(set, status.getObservedGeneration());
    return new State(Parts.name(set), done, wanted, seen && done >= wanted);
  }

  static State of(Deployment deployment) {
    DeploymentStatus status =
        Optional.ofNullable(deployment.getStatus()).orElseGet(DeploymentStatus::new);
    int wanted = Optional.ofNullable(deployment.getSpec().getReplicas()).orElse(1);
    int done = Math.min(number(status.getUpdatedReplicas()), number(status.getAvailableReplicas()));
    boolean old = number(status.getReplicas()) > number(status.getUpdatedReplicas());
    boolean seen = isSeen(deployment, status.getObservedGeneration());
    return new State(Parts.name(deployment), done, wanted, seen && !old && done >= wanted);
  }

  private static boolean isSeen(HasMetadata workload, Long generation) {
    Long wanted = workload.getMetadata().getGeneration();
    return generation != null && (wanted == null || generation >= wanted);
  }

  private static int number(Integer count) {
    return count == null ? 0 : count;
  }

  private String late(Parts parts, List<State> states, Duration patience) {
    List<String> lines = new ArrayList<>();
    lines.add("not ready after %d s:".formatted(patience.toSeconds()));
    states.stream().filter(state -> !state.complete()).forEach(state -> lines.add("  " + state));
    parts.objects().stream()
        .filter(part -> part instanceof DaemonSet || part instanceof Deployment)
        .flatMap(this::pods)
        .map(Rollout::trouble)
        .flatMap(Optional::stream)
        .limit(10)
        .forEach(lines::add);
    lines.add("  what to do: docs/troubleshooting.md; 'culvert check' looks for the usual reasons");
    return String.join(System.lineSeparator(), lines);
  }

  private Stream<Pod> pods(HasMetadata workload) {
    return client
        .pods()
        .inNamespace(workload.getMetadata().getNamespace())
        .withLabel("app", workload.getMetadata().getName())
        .list()
        .getItems()
        .stream();
  }

  /** Why a pod is not ready, in the kubelet's or the scheduler's words. */
  static Optional<String> trouble(Pod pod) {
    if (pod.getMetadata().getDeletionTimestamp() != null) {
      return Optional.of(
          "  Pod %s: is ending still; a ztunnel carries what is open for ztunnel.drainDeadline at most"
              .formatted(pod.getMetadata().getName()));
    }
    if (pod.getStatus() == null) {
      return Optional.empty();
    }
    Stream<String> waiting =
        Stream.concat(
                pod.getStatus().getInitContainerStatuses().stream(),
                pod.getStatus().getContainerStatuses().stream())
            .map(Rollout::waiting)
            .filter(Objects::nonNull);
    Stream<String> unscheduled =
        pod.getStatus().getConditions().stream()
            .filter(condition -> "PodScheduled".equals(condition.getType()))
            .filter(condition -> "False".equals(condition.getStatus()))
            .map(condition -> condition.getReason() + ": " + condition.getMessage());
    return Stream.concat(waiting, unscheduled)
        .findFirst()
        .map(reason -> "  Pod %s: %s".formatted(pod.getMetadata().getName(), reason));
  }

  private static String waiting(ContainerStatus status) {
    if (status.getState() == null || status.getState().getWaiting() == null) {
      return null;
    }
    String message = status.getState().getWaiting().getMessage();
    String reason = status.getState().getWaiting().getReason();
    return message == null ? reason : reason + ": " + message;
  }
}
