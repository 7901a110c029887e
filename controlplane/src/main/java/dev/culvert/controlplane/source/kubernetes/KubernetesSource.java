// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import dev.culvert.controlplane.source.Pulse;
import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.policy.resource.ResourceKind;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows what an API server has of the kinds that the mesh is made of. */
public final class KubernetesSource implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KubernetesSource.class);
  private static final long PATIENCE_SECONDS = 10;

  /** A listener without its certificate is no worse for it than all changes that are held up. */
  private static final long NAMED_SECONDS = 2;

  private final ResourceInbox inbox = new ResourceInbox();
  private final Consumer<ResourceChanges> listener;
  private final Duration debounce;
  private final List<KindWatch> watches;
  private final NamedObjects named;
  private final CompletableFuture<Void> first = new CompletableFuture<>();
  private final Thread deliveries;
  private final Pulse pulse = new Pulse();

  /**
   * How changes are followed.
   *
   * @param debounce how long a change waits for others to go with it
   * @param kinds how often it is looked whether a kind has been installed or removed
   */
  public record Pace(Duration debounce, Duration kinds) {
    /** What a cluster needs. */
    public static final Pace STANDARD = new Pace(Duration.ofMillis(20), Duration.ofSeconds(5));
  }

  private KubernetesSource(
      KubernetesClient client,
      Pace pace,
      List<String> rootNamespaces,
      Consumer<ResourceChanges> listener,
      Sightings sightings) {
    this.listener = listener;
    this.debounce = pace.debounce();
    this.named = new NamedObjects(client, inbox, rootNamespaces, pace.kinds());
    this.deliveries =
        Thread.ofPlatform().daemon().name("kubernetes-source").unstarted(this::deliver);
    this.watches =
        ResourceKind.all().stream()
            .filter(kind -> !NamedObjects.KINDS.contains(kind.name()))
            .map(
                kind ->
                    KindWatch.start(
                        client, kind, new KindStore(kind, inbox, sightings), pace.kinds()))
            .toList();
  }

  /**
   * Returns when all that is there is known and the listener has heard of it: a proxy that is told
   * half of the mesh would take the other half for strangers. Waits as long as that takes, and says
   * what for.
   *
   * @param rootNamespaces where the mesh's configuration is
   * @param listener called on one thread, for every batch of changes
   * @throws InterruptedException when interrupted meanwhile; nothing is left running then
   */
  public static KubernetesSource start(
      KubernetesClient client,
      Pace pace,
      List<String> rootNamespaces,
      Consumer<ResourceChanges> listener)
      throws InterruptedException {
    return start(client, pace, rootNamespaces, listener, Sightings.NONE);
  }

  /**
   * The same, seen as the API server has it as well.
   *
   * @param sightings hears of an object before the listener does
   */
  public static KubernetesSource start(
      KubernetesClient client,
      Pace pace,
      List<String> rootNamespaces,
      Consumer<ResourceChanges> listener,
      Sightings sightings)
      throws InterruptedException {
    KubernetesSource source =
        new KubernetesSource(client, pace, rootNamespaces, listener, sightings);
    try {
      source.deliveries.start();
      for (KindWatch watch : source.watches) {
        source.await(watch);
      }
      source.named.update(source.inbox.peek());
      source.named.awaitFresh(PATIENCE_SECONDS);
      source.inbox.open();
      source.first.get();
      return source;
    } catch (InterruptedException e) {
      source.close();
      throw e;
    } catch (ExecutionException e) {
      source.close();
      throw new CompletionException(e.getCause());
    }
  }

  /** Why changes are not taken in any more; an API server that is away is no reason. */
  public Optional<String> trouble() {
    return pulse
        .trouble(deliveries.isAlive())
        .or(
            () ->
                watches.stream()
                    .filter(watch -> !watch.isAlive())
                    .findFirst()
                    .map(watch -> "nobody follows any more what there is of " + watch.what()));
  }

  /** The listener is not called any more. */
  @Override
  public void close() {
    watches.forEach(KindWatch::close);
    deliveries.interrupt();
    try {
      deliveries.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    named.close();
  }

  private void await(KindWatch watch) throws InterruptedException, ExecutionException {
    while (true) {
      try {
        watch.settled().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return;
      } catch (TimeoutException e) {
        LOG.warn("not serving yet, waits for {}", watch.trouble());
      }
    }
  }

  private void deliver() {
    try {
      while (true) {
        inbox.await();
        Thread.sleep(debounce);
        pulse.begin();
        readNamed();
        deliver(inbox.take());
        pulse.end();
      }
    } catch (InterruptedException closed) {
      // The only way out.
    }
  }

  /** What is named and what names it are told together. */
  private void readNamed() throws InterruptedException {
    try {
      named.update(inbox.peek());
      named.awaitFresh(NAMED_SECONDS);
    } catch (RuntimeException e) {
      LOG.error("what front doors name could not be read", e);
    }
  }

  private void deliver(ResourceChanges changes) {
    try {
      named.update(changes);
      listener.accept(changes);
      first.complete(null);
    } catch (RuntimeException e) {
      if (!first.completeExceptionally(e)) {
        LOG.error("a change could not be taken in", e);
      }
    }
  }
}
