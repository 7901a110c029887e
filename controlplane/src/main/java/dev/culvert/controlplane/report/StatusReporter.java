// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.report;

import dev.culvert.controlplane.source.kubernetes.Sightings;
import dev.culvert.controlplane.status.Condition;
import dev.culvert.controlplane.status.StatusWriter;
import dev.culvert.controlplane.status.WantedStatus;
import dev.culvert.controlplane.verdict.Said;
import dev.culvert.policy.resource.ResourceKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the status of objects to what is said of them. Each round looks at every object and writes
 * those that say something else: whatever was missed, refused or overwritten is found by the next.
 */
public final class StatusReporter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StatusReporter.class);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(5);

  private final StatusWriter writer;
  private final Events events;
  private final BooleanSupplier leads;
  private final Pace pace;
  private final SeenObjects objects = new SeenObjects(this::wake);
  private final Retries<SeenObject.Id> retries;
  private final ReentrantLock lock = new ReentrantLock();
  private final java.util.concurrent.locks.Condition changed = lock.newCondition();
  private final Thread thread;
  private final Set<Refusal> refused = new HashSet<>();
  private Said said = Said.NOTHING;
  private boolean news;

  /**
   * How often is looked.
   *
   * @param rest between two rounds, while there is news
   * @param all between two rounds without
   */
  public record Pace(Duration rest, Duration all) {
    /** A status is read by people. */
    public static final Pace STANDARD = new Pace(Duration.ofSeconds(1), Duration.ofSeconds(15));
  }

  /** An answer that all objects of a kind get, told once. */
  private record Refusal(ResourceKind kind, int code) {}

  private StatusReporter(
      StatusWriter writer, Events events, BooleanSupplier leads, Pace pace, InstantSource clock) {
    this.writer = writer;
    this.events = events;
    this.leads = leads;
    this.pace = pace;
    this.retries = new Retries<>(FIRST_RETRY, LONGEST_RETRY, clock);
    this.thread = Thread.ofPlatform().daemon().name("status").unstarted(this::repeat);
  }

  /**
   * Begins.
   *
   * @param leads whether this replica may write now
   */
  public static StatusReporter start(
      StatusWriter writer, Events events, BooleanSupplier leads, Pace pace, InstantSource clock) {
    StatusReporter reporter = new StatusReporter(writer, events, leads, pace, clock);
    reporter.thread.start();
    return reporter;
  }

  /** Sees what the API server has. */
  public Sightings sightings() {
    return objects;
  }

  /**
   * What the status of an object would say, were it stored as it is.
   *
   * @param would what would be said of it
   */
  public List<Condition> preview(ResourceKind kind, GenericKubernetesResource object, Said would) {
    return new Report(objects, would)
        .of(SeenObject.unstored(kind, object))
        .map(WantedStatus::said)
        .orElse(List.of());
  }

  /** Hears what is to be said from now on. */
  public void update(Said now) {
    lock.lock();
    try {
      if (!now.equals(said)) {
        said = now;
        wake();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void wake() {
    lock.lock();
    try {
      news = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void repeat() {
    try {
      while (true) {
        Said now = await();
        if (leads.getAsBoolean()) {
          round(new Report(objects, now));
        }
        Thread.sleep(pace.rest());
      }
    } catch (InterruptedException closed) {
      // The only way out.
    }
  }

  private Said await() throws InterruptedException {
    lock.lock();
    try {
      long left = pace.all().toNanos();
      while (!news && left > 0) {
        left = changed.awaitNanos(left);
      }
      news = false;
      return said;
    } finally {
      lock.unlock();
    }
  }

  private void round(Report report) throws InterruptedException {
    for (SeenObject object : (Iterable<SeenObject>) objects.all()::iterator) {
      Optional<WantedStatus> wanted = report.of(object);
      if (wanted.isPresent() && retries.isDue(object.id())) {
        write(object, wanted.get());
      }
    }
  }

  private void write(SeenObject object, WantedStatus wanted) throws InterruptedException {
    Map<String, Object> edit = writer.edit(object.slim(), wanted);
    if (edit.isEmpty()) {
      return;
    }
    try {
      switch (writer.write(object.served(), object.slim(), wanted)) {
        case WRITTEN -> {
          succeeded(object);
          events.ofStatus(object, BadNews.of(object.slim(), wanted));
        }
        case SAME, GONE, NOT_LEADING -> succeeded(object);
        case CONTENDED -> failed(object, "somebody else writes its status all the time");
        case UNSUPPORTED -> failed(object, "its CRD has no status: install a newer one");
      }
    } catch (KubernetesClientException e) {
      retries.failed(object.id());
      if (refused.add(new Refusal(object.kind(), e.getCode()))) {
        LOG.warn("status of {} cannot be written: {}; tried again", object.kind(), e.getMessage());
      }
    }
  }

  private void failed(SeenObject object, String why) {
    if (retries.failed(object.id())) {
      LOG.warn("{}: {}; its status is written later", object.key(), why);
    }
  }

  private void succeeded(SeenObject object) {
    retries.succeeded(object.id());
    refused.removeIf(one -> one.kind().equals(object.kind()));
  }
}
