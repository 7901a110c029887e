// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceKind;
import dev.culvert.policy.text.OneLine;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one kind, or one object of it, on a thread of its own: finds out whether the API server
 * has it, lists and watches it while it does, and looks again now and then when it does not. Only
 * "not found" counts as not there: whatever else goes wrong is tried again, and what was known
 * stays.
 */
final class KindWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KindWatch.class);
  private static final long PAGE = 500;

  private final KubernetesClient client;
  private final ResourceKind kind;
  private final Duration pause;
  private final KindStore store;
  private final Optional<ResourceKey> only;
  private final CompletableFuture<Void> heard = new CompletableFuture<>();
  private final CompletableFuture<Void> settled = new CompletableFuture<>();
  private final Thread thread;
  private volatile String trouble = "the first answer";

  private KindWatch(
      KubernetesClient client,
      ResourceKind kind,
      KindStore store,
      Duration pause,
      Optional<ResourceKey> only) {
    this.client = client;
    this.kind = kind;
    this.pause = pause;
    this.store = store;
    this.only = only;
    this.thread = Thread.ofVirtual().name("watch " + kind).unstarted(this::run);
  }

  /**
   * Starts.
   *
   * @param store takes what is there
   * @param pause between two looks at whether the kind is there
   */
  static KindWatch start(
      KubernetesClient client, ResourceKind kind, KindStore store, Duration pause) {
    return start(new KindWatch(client, kind, store, pause, Optional.empty()));
  }

  /**
   * Starts to follow one object of a kind, of which nothing else is read.
   *
   * @param store takes it
   * @param pause between two attempts
   */
  static KindWatch startOne(
      KubernetesClient client,
      ResourceKind kind,
      KindStore store,
      Duration pause,
      ResourceKey only) {
    return start(new KindWatch(client, kind, store, pause, Optional.of(only)));
  }

  private static KindWatch start(KindWatch watch) {
    watch.thread.start();
    return watch;
  }

  /** Done when all objects are known, or it is known that there is no such kind. */
  CompletableFuture<Void> settled() {
    return settled;
  }

  /** Done when the API server said anything, be it that we may not ask. */
  CompletableFuture<Void> heard() {
    return heard;
  }

  /** Whether it follows still, or will once it can. */
  boolean isAlive() {
    return thread.isAlive();
  }

  /** What it waits for. */
  String trouble() {
    return what() + ": " + trouble;
  }

  String what() {
    return only.map(ResourceKey::toString).orElseGet(kind::toString);
  }

  /** It has said all that it will; what it told of is gone. */
  void closeAndForget() {
    close();
    store.clear();
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

  private void run() {
    try {
      while (true) {
        try {
          Optional<ServedKind> served = ServedKind.find(client, kind);
          if (served.isPresent()) {
            follow(served.get());
          } else {
            absent();
          }
        } catch (KubernetesClientException e) {
          if (!Thread.currentThread().isInterrupted()) {
            report(e);
          }
        }
        Thread.sleep(pause);
      }
    } catch (InterruptedException closed) {
      // The only way out.
    }
  }

  private void absent() {
    if (ServedKind.isBuiltIn(kind)) {
      trouble("the API server says that it has no such kind");
      return;
    }
    if (store.size() > 0) {
      LOG.warn("{}: the kind is not installed any more", kind);
      store.clear();
    }
    settled.complete(null);
  }

  /** Returns when the kind is not served any more as it is followed. */
  private void follow(ServedKind served) throws InterruptedException {
    store.serves(served);
    SharedIndexInformer<GenericKubernetesResource> informer =
        selected(served)
            .withLimit(PAGE)
            .runnableInformer(0)
            .itemStore(store)
            .exceptionHandler((_, error) -> retries(error));
    try {
      var _ = informer.start().whenComplete((_, error) -> listed(error));
      do {
        Thread.sleep(pause);
      } while (isServedStill(served));
    } finally {
      informer.stop();
    }
  }

  private Informable<GenericKubernetesResource> selected(ServedKind served) {
    var all = client.genericKubernetesResources(served.context());
    return only.isPresent()
        ? all.inNamespace(only.get().namespace()).withField("metadata.name", only.get().name())
        : all.inAnyNamespace();
  }

  /** A watch of a kind that is gone is tried again for ever: only discovery says that it is. */
  private boolean isServedStill(ServedKind served) {
    if (ServedKind.isBuiltIn(kind)) {
      return true;
    }
    try {
      return ServedKind.find(client, kind).equals(Optional.of(served));
    } catch (KubernetesClientException e) {
      return true;
    }
  }

  private void listed(Throwable error) {
    if (error == null) {
      LOG.info("{}: {} known", what(), store.size());
      settled.complete(null);
      heard.complete(null);
    }
  }

  private boolean retries(Throwable error) {
    report(error);
    return true;
  }

  private void report(Throwable error) {
    trouble(rootMessage(error));
  }

  private void trouble(String now) {
    if (!now.equals(trouble)) {
      trouble = now;
      LOG.warn("{}: {}; what is known stays, and it is tried again", what(), now);
    }
    heard.complete(null);
  }

  private static String rootMessage(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String text = root.getMessage() == null ? root.toString() : root.getMessage();
    return OneLine.of(text);
  }
}
