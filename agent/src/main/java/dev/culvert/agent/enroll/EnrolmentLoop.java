// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import dev.culvert.agent.cni.Sandbox;
import dev.culvert.agent.cni.SandboxRequests;
import dev.culvert.agent.enroll.EnrolledSandboxes.Standing;
import dev.culvert.agent.pairs.PairRequests;
import dev.culvert.agent.redirect.Redirect;
import dev.culvert.agent.report.PodReports;
import dev.culvert.agent.zds.ZdsServer;
import dev.culvert.linux.file.Cgroup;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread "enrolment": a pass over all pods when the source changes, when ztunnel answers, and
 * each second, because a network namespace may come, go or be replaced without anybody saying so.
 */
public final class EnrolmentLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EnrolmentLoop.class);
  private static final Duration TICK = Duration.ofSeconds(1);

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("enrolment").factory());
  private final AtomicBoolean due = new AtomicBoolean();
  private final ZdsServer zds;
  private final Source source;
  private final Enroller enroller;
  private final PairRequests pairs;
  private final EnrolledSandboxes sandboxes;
  private final RunningPods running;
  private final NamespaceList namespaces;
  private final PodReports reports;
  private volatile List<PodStatus> status = List.of();
  private String zdsProblem = "";

  private EnrolmentLoop(
      EnrolmentSettings settings,
      Redirect redirect,
      ZdsServer zds,
      RunningPods running,
      PodReports reports)
      throws IOException {
    this.zds = zds;
    this.reports = reports;
    this.source = new Source(settings.node());
    this.enroller =
        new Enroller(redirect, zds, settings.ztunnelPatience(), this::onThread, this::soon);
    this.running = running;
    this.namespaces = new NamespaceList(settings.cniSocket());
    this.sandboxes =
        new EnrolledSandboxes(
            this::standing,
            sandbox -> enroller.note(sandbox.title()),
            this::onThread,
            this::pass,
            settings.cniPatience());
    this.pairs = new EnrolledPairs(redirect.pairs(), enroller, this::onThread);
  }

  /**
   * Starts with what the kernel still has of an earlier agent; nothing changes before the source
   * was read.
   *
   * @param cgroup where the kubelet's groups of pods are looked for
   * @param reports who is told how pods stand
   */
  public static EnrolmentLoop start(
      EnrolmentSettings settings,
      Redirect redirect,
      ZdsServer zds,
      Cgroup cgroup,
      PodReports reports)
      throws IOException {
    EnrolmentLoop loop =
        new EnrolmentLoop(settings, redirect, zds, new RunningPods(cgroup), reports);
    loop.status = loop.enroller.status();
    var _ =
        loop.thread.scheduleWithFixedDelay(
            loop::pass, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    return loop;
  }

  /** The source's files, by name, all of them. Any thread. */
  public void sourceChanged(Map<String, String> contents) {
    onThread(
        () -> {
          source.update(contents);
          pass();
        });
  }

  /** Grants between the pods that are enrolled. Any thread; carried out on that of the passes. */
  public PairRequests pairs() {
    return pairs;
  }

  /** What the runtime says of its sandboxes. Any thread. */
  public SandboxRequests sandboxes() {
    return sandboxes;
  }

  private Standing standing(Sandbox sandbox) {
    Optional<Boolean> wanted = source.wants(sandbox);
    if (wanted.isEmpty()) {
      boolean outside = source.isComplete() && source.isOutside(sandbox.namespace());
      return outside ? Standing.UNKNOWN_OUTSIDE : Standing.UNKNOWN;
    }
    boolean served =
        source.pods().stream()
            .filter(pod -> EnrolledSandboxes.isOf(sandbox, pod))
            .anyMatch(pod -> enroller.serves(pod.uid(), sandbox.netns()));
    return !wanted.get() || served ? Standing.SETTLED : Standing.JOINING;
  }

  /** What the last pass left. Any thread. */
  public List<PodStatus> status() {
    return status;
  }

  private void soon() {
    if (due.compareAndSet(false, true)) {
      onThread(
          () -> {
            due.set(false);
            pass();
          });
    }
  }

  private void pass() {
    if (!source.isRead()) {
      return;
    }
    try {
      List<DesiredPod> pods = running.complete(sandboxes.complete(source.pods()));
      enroller.reconcile(pods, source.isComplete());
      sandboxes.settle();
      if (source.isComplete()) {
        namespaces.write(source.enrolledNamespaces());
      }
      List<PodStatus> now = new ArrayList<>(enroller.status());
      now.addAll(source.leftAlone());
      status = List.copyOf(now);
      if (source.isComplete()) {
        reports.now(source.reports(now));
      }
      openZds();
    } catch (RuntimeException e) {
      LOG.error("enrolment: a pass failed; the next is in {} s", TICK.toSeconds(), e);
    }
  }

  /** After the first pass, so that the snapshot names every pod. */
  private void openZds() {
    try {
      zds.open();
    } catch (IOException e) {
      if (!e.getMessage().equals(zdsProblem)) {
        zdsProblem = e.getMessage();
        LOG.error("zds: {}", zdsProblem);
      }
    }
  }

  private void onThread(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException closed) {
      LOG.debug("enrolment has ended");
    }
  }

  /** Stops where it is; the kernel and ztunnel keep what they have. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      thread.shutdownNow();
      Thread.currentThread().interrupt();
    }
    enroller.close();
  }
}
