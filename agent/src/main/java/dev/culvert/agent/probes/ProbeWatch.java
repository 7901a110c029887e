// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.probes;

import dev.culvert.agent.redirect.ProbeLink;
import dev.culvert.linux.file.Cgroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the program that notes probes at the group of the kubelet: systemd removes that group when
 * the kubelet ends and makes another of the same name when it starts.
 */
public final class ProbeWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProbeWatch.class);

  /** A kubelet that starts probes no earlier than a second afterwards. */
  private static final Duration TICK = Duration.ofMillis(250);

  /** Looking through all processes takes some milliseconds. */
  private static final int TICKS_BETWEEN_SEARCHES = 8;

  /** A kubelet that has ended is most likely on its way back: a minute. */
  private static final int TICKS_OF_A_RESTART = 240;

  /** A group and the number by which it is told from a later one of the same name. */
  private record Followed(Cgroup group, long inode) {
    static Optional<Followed> of(Path path) {
      try {
        return Optional.of(
            new Followed(new Cgroup(path), (long) Files.getAttribute(path, "unix:ino")));
      } catch (IOException gone) {
        return Optional.empty();
      }
    }

    boolean isThere() {
      return of(group.path()).equals(Optional.of(this));
    }
  }

  private final ProbeOrigin origin;
  private final Cgroup node;
  private final ProbeLink link;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("probe cgroup").factory());
  private volatile Optional<Followed> followed = Optional.empty();
  private int ticks;
  private int restart;
  private String problem = "";

  private ProbeWatch(ProbeOrigin origin, Cgroup node, ProbeLink link) {
    this.origin = origin;
    this.node = node;
    this.link = link;
  }

  /**
   * Follows from now on; a group that is there already is followed when this returns.
   *
   * @param node the node's own cgroup
   * @throws IOException when the group that is named is none, or one that pods are in
   */
  public static ProbeWatch start(ProbeOrigin origin, Cgroup node, ProbeLink link)
      throws IOException {
    ProbeWatch watch = new ProbeWatch(origin, node, link);
    watch.first();
    if (!(origin instanceof ProbeOrigin.Nobody)) {
      var _ =
          watch.thread.scheduleWithFixedDelay(
              watch::pass, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    }
    return watch;
  }

  private void first() throws IOException {
    switch (origin) {
      case ProbeOrigin.Nobody _ -> link.drop();
      case ProbeOrigin.Group named -> {
        Cgroup group = Cgroup.at(node.path().resolve(named.path()).normalize());
        follow(group.path());
      }
      case ProbeOrigin.RunningKubelet _ -> {
        pass();
        if (followed.isEmpty()) {
          link.drop(); // of an earlier agent that was told otherwise
        }
      }
    }
  }

  /** The folder of the group whose probes are let in now. Any thread. */
  public Optional<Path> group() {
    return followed.map(each -> each.group().path());
  }

  private void pass() {
    try {
      if (followed.isPresent() && followed.get().isThere()) {
        ticks++;
        if (ticks % TICKS_BETWEEN_SEARCHES == 0) {
          requireOutside(followed.get().group().path());
        }
        return;
      }
      if (followed.isPresent()) {
        followed = Optional.empty();
        restart = TICKS_OF_A_RESTART;
      }
      seek();
    } catch (IOException | RuntimeException e) {
      tellOnce(e.getMessage());
    }
  }

  private void seek() throws IOException {
    switch (origin) {
      case ProbeOrigin.Nobody _ -> {}
      case ProbeOrigin.Group named -> {
        Path path = node.path().resolve(named.path()).normalize();
        if (Files.isDirectory(path)) {
          follow(path);
        }
      }
      case ProbeOrigin.RunningKubelet _ -> search();
    }
  }

  private void search() throws IOException {
    if (restart > 0) {
      restart--;
    } else if (ticks++ % TICKS_BETWEEN_SEARCHES != 0) {
      return;
    }
    Optional<Cgroup> found = new KubeletProcess(node).group();
    if (found.isPresent()) {
      follow(found.get().path());
    } else {
      tellOnce("no kubelet runs on this node");
    }
  }

  private void follow(Path path) throws IOException {
    Optional<Followed> next = Followed.of(path);
    if (next.isEmpty()) {
      return;
    }
    requireOutside(path);
    link.follow(next.get().group());
    followed = next;
    problem = "";
    LOG.info("probes: what {} opens to pods is let in", path);
  }

  /** Pods may come to be below a group later than the kubelet. */
  private void requireOutside(Path path) throws IOException {
    try {
      new PodGroups(node.path()).requireOutside(path);
    } catch (IOException e) {
      followed = Optional.empty();
      link.drop();
      throw new IOException("probe-cgroup=%s: %s".formatted(origin, e.getMessage()), e);
    }
  }

  private void tellOnce(String now) {
    if (!now.equals(problem)) {
      problem = now;
      LOG.warn("probes: {}; until there is one, probes are held to policy like everybody", now);
    }
  }

  /** What is noted stays noted, for the next agent. */
  @Override
  public void close() {
    thread.shutdownNow();
    try {
      thread.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
