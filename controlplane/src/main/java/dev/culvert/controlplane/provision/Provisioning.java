// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.controlplane.status.StatusWriter;
import dev.culvert.controlplane.status.WritePace;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ObjectRef;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is in the cluster to what the Gateways of Culvert's classes ask for. Each Gateway is
 * looked at when it changes, and all of them now and then: what somebody changed or deleted is put
 * right.
 */
public final class Provisioning implements AutoCloseable {
  private static final String CLASS_KIND = "GatewayClass";
  private static final ResourceKey ROUND = new ResourceKey(CLASS_KIND, "", "culvert");
  private static final Logger LOG = LoggerFactory.getLogger(Provisioning.class);

  /** How often all are looked at. */
  public static final Duration STANDARD_PACE = Duration.ofSeconds(30);

  private final GatewayStatus status;
  private final OwnedObjects objects;
  private final GatewayObjects wanted;
  private final KubernetesClient client;
  private final WaypointDefaults defaults;
  private final MeshNames names;
  private final BooleanSupplier leads;
  private final Supplier<String> roots;
  private final Duration pace;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final KnownGateways gateways = new KnownGateways();
  private final Map<ResourceKey, String> said = new HashMap<>();
  private final Thread thread;
  private boolean news;
  private boolean pending;

  private Provisioning(
      KubernetesClient client,
      WaypointDefaults defaults,
      MeshNames names,
      GatewayObjects wanted,
      BooleanSupplier leads,
      Supplier<String> roots,
      Duration pace) {
    this.client = client;
    this.defaults = defaults;
    this.names = names;
    this.status =
        new GatewayStatus(
            client, new StatusWriter(client, leads, WritePace.STANDARD, InstantSource.system()));
    this.objects = new OwnedObjects(client);
    this.wanted = wanted;
    this.leads = leads;
    this.roots = roots;
    this.pace = pace;
    this.thread = Thread.ofPlatform().daemon().name("provisioning").unstarted(this::repeat);
  }

  /**
   * Begins.
   *
   * @param leads whether this replica may write now
   * @param roots what Gateways trust, as PEM
   * @param pace how often all are looked at
   */
  public static Provisioning start(
      KubernetesClient client,
      WaypointDefaults defaults,
      MeshNames names,
      String systemNamespace,
      String audience,
      BooleanSupplier leads,
      Supplier<String> roots,
      Duration pace) {
    GatewayObjects wanted = new GatewayObjects(defaults, names, systemNamespace, audience);
    Provisioning provisioning =
        new Provisioning(client, defaults, names, wanted, leads, roots, pace);
    provisioning.thread.start();
    return provisioning;
  }

  /** Hears what is new. */
  public void update(ResourceChanges changes) {
    lock.lock();
    try {
      news |= gateways.update(changes);
      changed.signalAll();
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

  private void repeat() {
    try {
      while (true) {
        if (leads.getAsBoolean()) {
          pending = false;
          attempt(ROUND, this::round);
        }
        await();
      }
    } catch (InterruptedException closed) {
      // The only way out.
    }
  }

  /** What is not there yet is looked at more often. */
  private void await() throws InterruptedException {
    lock.lock();
    try {
      long left = pending ? pace.dividedBy(6).toNanos() : pace.toNanos();
      while (!news && left > 0) {
        left = changed.awaitNanos(left);
      }
      news = false;
    } finally {
      lock.unlock();
    }
  }

  private void round() {
    for (GatewayResource gateway : known(KnownGateways::takeOthers)) {
      attempt(gateway.key(), () -> objects.removeAll(gateway));
    }
    List<GatewayResource> all = known(KnownGateways::ours);
    forgetOthers(all);
    List<GenericKubernetesResource> classes = status.gatewayClasses();
    for (Shape shape : Shape.ALL) {
      attempt(new ResourceKey(CLASS_KIND, "", shape.className()), () -> round(shape, classes, all));
    }
  }

  private void round(
      Shape shape, List<GenericKubernetesResource> classes, List<GatewayResource> all) {
    for (GenericKubernetesResource one : classes) {
      boolean named = one.getMetadata().getName().equals(shape.className());
      boolean ours = shape.controller().equals(one.get("spec", "controllerName"));
      if (named && !ours) {
        return;
      }
      if (ours) {
        say(one, named, shape);
      }
    }
    for (GatewayResource gateway : all) {
      if (gateway.className().equals(shape.className()) && leads.getAsBoolean()) {
        attempt(gateway.key(), () -> reconcile(shape, gateway));
      }
    }
  }

  private void say(GenericKubernetesResource gatewayClass, boolean named, Shape shape) {
    if (named) {
      status.accept(gatewayClass, shape, status.version());
    } else {
      status.refuse(gatewayClass, shape);
    }
  }

  private List<GatewayResource> known(Function<KnownGateways, List<GatewayResource>> which) {
    lock.lock();
    try {
      return which.apply(gateways);
    } finally {
      lock.unlock();
    }
  }

  private void forgetOthers(List<GatewayResource> all) {
    objects.retain(all.stream().map(one -> one.metadata().uid()).collect(Collectors.toSet()));
    Set<ResourceKey> keys = all.stream().map(Resource::key).collect(Collectors.toSet());
    said.keySet().removeIf(key -> !key.kind().equals(CLASS_KIND) && !keys.contains(key));
  }

  private void reconcile(Shape shape, GatewayResource gateway) {
    Verdict verdict = verdict(shape, gateway).without(shape.unserved(gateway));
    pending |= !verdict.programmed().holds();
    status.write(gateway.metadata().namespace(), gateway.metadata().name(), verdict);
    say(gateway.key(), verdict.programmed().message());
  }

  private Verdict verdict(Shape shape, GatewayResource gateway) {
    Map<String, String> parameters;
    WaypointSize size;
    try {
      parameters = parameters(gateway);
      size = defaults.size().with(parameters, shape.keys());
    } catch (IllegalArgumentException e) {
      return Verdict.invalid("InvalidParameters", e.getMessage());
    }
    Optional<Verdict> refusal = shape.refusal(gateway, parameters);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    try {
      objects.apply(gateway, wanted.of(shape, gateway, size, parameters, roots.get()));
    } catch (ForeignObjectException e) {
      return Verdict.failed(shape, "NameTaken", e.getMessage());
    } catch (KubernetesClientException e) {
      if (e.getCode() < 400 || e.getCode() >= 500 || e.getCode() == 429) {
        throw e;
      }
      return Verdict.failed(shape, "Refused", "the API server refused: " + words(e));
    }
    return reached(shape, gateway);
  }

  /** What the API server wrote, without the client's account of the request around it. */
  private static String words(KubernetesClientException refusal) {
    return refusal.getStatus() == null || refusal.getStatus().getMessage() == null
        ? refusal.getMessage()
        : refusal.getStatus().getMessage();
  }

  private Verdict reached(Shape shape, GatewayResource gateway) {
    String host =
        names.hostname(
            gateway.metadata().namespace(), ManagedKind.SERVICE.nameFor(gateway.metadata().name()));
    List<GatewayResource.Address> addresses =
        objects.service(gateway).map(one -> shape.addresses(one, host)).orElse(List.of());
    AskedAddresses asked = shape.asked(gateway);
    if (!asked.impossible().isEmpty()) {
      return Verdict.impossible(shape, asked.impossible());
    }
    List<String> missing = asked.missing(addresses);
    if (!missing.isEmpty()) {
      return Verdict.withoutAddresses(shape, missing, addresses);
    }
    if (addresses.isEmpty()) {
      return Verdict.unreachable(shape);
    }
    int available = objects.available(gateway);
    return available > 0
        ? Verdict.ready(shape, addresses, available)
        : Verdict.pending(shape, addresses);
  }

  private Map<String, String> parameters(GatewayResource gateway) {
    Optional<ObjectRef> ref = gateway.infrastructure().parameters();
    if (ref.isEmpty()) {
      return Map.of();
    }
    if (!ref.get().kind().equals("ConfigMap") || !ref.get().group().isEmpty()) {
      throw new IllegalArgumentException(
          "parametersRef is of kind %s: name a ConfigMap".formatted(ref.get().kind()));
    }
    ConfigMap map =
        client
            .configMaps()
            .inNamespace(gateway.metadata().namespace())
            .withName(ref.get().name())
            .get();
    if (map == null) {
      throw new IllegalArgumentException(
          "parametersRef: ConfigMap %s is not there: make it, or correct the name"
              .formatted(ref.get().name()));
    }
    return map.getData() == null ? Map.of() : map.getData();
  }

  /** What goes wrong with one holds up no other. */
  private void attempt(ResourceKey what, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      pending = true;
      say(what, e.getMessage() + "; tried again");
    }
  }

  private void say(ResourceKey what, String text) {
    if (!text.equals(said.put(what, text))) {
      LOG.info("{}: {}", what, text);
    }
  }
}
