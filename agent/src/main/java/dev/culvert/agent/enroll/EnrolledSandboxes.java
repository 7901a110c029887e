// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import dev.culvert.agent.cni.CniException;
import dev.culvert.agent.cni.CniException.Code;
import dev.culvert.agent.cni.Sandbox;
import dev.culvert.agent.cni.SandboxRequests;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * The sandboxes that the runtime told of. They say where a pod's namespace is, and which addresses
 * it has before the API server knows; a call waits here for what the passes make of its pod.
 */
final class EnrolledSandboxes implements SandboxRequests {
  /** What is known of a sandbox's pod: whether it may start, or why not. */
  enum Standing {
    /** It is not of the mesh, or is in it. */
    SETTLED,
    /** The source names it, and it is not in the mesh yet. */
    JOINING,
    /** The source does not name it, and it may well be of the mesh. */
    UNKNOWN,
    /** The source does not name it, and its namespace is not in the mesh. */
    UNKNOWN_OUTSIDE
  }

  private final Map<String, Sandbox> sandboxes = new LinkedHashMap<>();
  private final Map<String, CompletableFuture<Void>> waiting = new LinkedHashMap<>();
  private final Function<Sandbox, Standing> standing;
  private final Function<Sandbox, String> note;
  private final Executor thread;
  private final Runnable pass;
  private final Duration patience;

  /**
   * @param standing of a sandbox's pod, asked on the thread
   * @param note why that pod is not in the mesh, as far as it is known
   * @param thread of the passes
   * @param pass makes one at once, on that thread
   * @param patience how long a pod's start waits for the mesh
   */
  EnrolledSandboxes(
      Function<Sandbox, Standing> standing,
      Function<Sandbox, String> note,
      Executor thread,
      Runnable pass,
      Duration patience) {
    this.standing = standing;
    this.note = note;
    this.thread = thread;
    this.pass = pass;
    this.patience = patience;
  }

  /** The pods, with what the runtime told where they do not say it themselves. */
  List<DesiredPod> complete(List<DesiredPod> pods) {
    return pods.stream().map(pod -> sandboxOf(pod).map(pod::in).orElse(pod)).toList();
  }

  /** The newest one: an older one of the same pod is on its way out. */
  private Optional<Sandbox> sandboxOf(DesiredPod pod) {
    return pod.netns().isPresent()
        ? Optional.empty()
        : sandboxes.values().stream().filter(each -> isOf(each, pod)).reduce((_, last) -> last);
  }

  static boolean isOf(Sandbox sandbox, DesiredPod pod) {
    return sandbox.title().equals(pod.title())
        && (sandbox.uid().isEmpty() || sandbox.uid().equals(pod.runtimeUid()));
  }

  /** After a pass. */
  void settle() {
    waiting.forEach(
        (id, answer) -> {
          Sandbox sandbox = sandboxes.get(id);
          if (sandbox != null && standing.apply(sandbox) == Standing.SETTLED) {
            answer.complete(null);
          }
        });
    waiting.values().removeIf(CompletableFuture::isDone);
  }

  @Override
  public void add(Sandbox sandbox) throws CniException {
    CompletableFuture<Void> settled = new CompletableFuture<>();
    thread.execute(
        () -> {
          sandboxes.remove(sandbox.containerId());
          sandboxes.put(sandbox.containerId(), sandbox);
          waiting.put(sandbox.containerId(), settled);
          pass.run();
        });
    try {
      settled.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      settled.cancel(false);
      requireOutside(sandbox);
    } catch (InterruptedException | ExecutionException e) {
      throw new CniException(Code.TRY_AGAIN_LATER, "the agent is ending");
    }
  }

  private void requireOutside(Sandbox sandbox) throws CniException {
    Standing now = ask(sandbox, standing, Standing.UNKNOWN);
    if (now == Standing.UNKNOWN_OUTSIDE || now == Standing.SETTLED) {
      return;
    }
    String reason =
        now == Standing.UNKNOWN ? "the agent's source does not name it yet" : reason(sandbox);
    throw new CniException(
        Code.TRY_AGAIN_LATER,
        "pod %s is not in the mesh after %d ms: %s"
            .formatted(sandbox.title(), patience.toMillis(), reason));
  }

  @Override
  public void check(Sandbox sandbox) throws CniException {
    if (ask(sandbox, standing, Standing.UNKNOWN) == Standing.JOINING) {
      throw new CniException(
          Code.NOT_ENROLLED,
          "pod %s is not in the mesh: %s".formatted(sandbox.title(), reason(sandbox)));
    }
  }

  /** A pod that nothing but ztunnel's word is missing to has no note. */
  private String reason(Sandbox sandbox) throws CniException {
    String known = ask(sandbox, note, "");
    return known.isEmpty()
        ? "no ztunnel of this node serves it yet; is its pod ready (kubectl get pods -A -l app=ztunnel)?"
        : known;
  }

  private <T> T ask(Sandbox sandbox, Function<Sandbox, T> question, T otherwise)
      throws CniException {
    try {
      return CompletableFuture.supplyAsync(() -> question.apply(sandbox), thread)
          .completeOnTimeout(otherwise, patience.toNanos(), TimeUnit.NANOSECONDS)
          .get();
    } catch (InterruptedException | ExecutionException e) {
      throw new CniException(Code.TRY_AGAIN_LATER, "the agent is ending");
    }
  }

  @Override
  public void delete(String containerId) {
    thread.execute(
        () -> {
          if (sandboxes.remove(containerId) != null) {
            pass.run();
          }
        });
  }

  @Override
  public void keepOnly(Set<String> containerIds) {
    Set<String> kept = Set.copyOf(containerIds);
    thread.execute(
        () -> {
          boolean gone =
              sandboxes.keySet().removeIf(id -> !kept.contains(id) && !waiting.containsKey(id));
          if (gone) {
            pass.run();
          }
        });
  }

  /** Whether both name the same addresses; the API server may list them in another order. */
  static boolean sameAddresses(List<InetAddress> some, List<InetAddress> others) {
    return some.size() == others.size() && some.containsAll(others);
  }
}
