// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.nodes;

import dev.culvert.controlplane.source.kubernetes.Sightings;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a taint from each node on which agent and ztunnel are ready. A node that registers with it
 * gets no other pods before, so that none starts there outside the mesh. It never puts one on.
 */
public final class NodeTaints implements Sightings, Runnable, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeTaints.class);
  private static final Set<String> PARTS = Set.of("culvert-agent", "ztunnel");

  private record Part(String app, String node) {}

  private final KubernetesClient client;
  private final String taint;
  private final String namespace;
  private final BooleanSupplier leads;
  private final Map<String, TaintedNode> tainted = new ConcurrentHashMap<>();

  /** Of the mesh's pods those that are ready. */
  private final Map<ResourceKey, Part> ready = new ConcurrentHashMap<>();

  private final AtomicBoolean due = new AtomicBoolean();
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("node-taints").factory());

  /**
   * Looks at nothing before it is told of sightings.
   *
   * @param taint its key
   * @param namespace of agents and ztunnels
   * @param leads whether this replica may write now
   */
  public NodeTaints(
      KubernetesClient client, String taint, String namespace, BooleanSupplier leads) {
    this.client = client;
    this.taint = taint;
    this.namespace = namespace;
    this.leads = leads;
  }

  @Override
  public void seen(
      ResourceKind kind, ResourceDefinitionContext served, GenericKubernetesResource object) {
    switch (kind.name()) {
      case "Node" -> node(object);
      case "Pod" -> pod(object);
      default -> {
        return;
      }
    }
    soon();
  }

  private void node(GenericKubernetesResource node) {
    TaintedNode.of(node, taint)
        .ifPresentOrElse(
            one -> tainted.put(one.name(), one),
            () -> tainted.remove(node.getMetadata().getName()));
  }

  private void pod(GenericKubernetesResource pod) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    String app = labels == null ? null : labels.get("app");
    if (app == null
        || !PARTS.contains(app)
        || !namespace.equals(pod.getMetadata().getNamespace())) {
      return;
    }
    ResourceKey key = new ResourceKey("Pod", namespace, pod.getMetadata().getName());
    if (pod.get("spec", "nodeName") instanceof String node && isReady(pod)) {
      ready.put(key, new Part(app, node));
    } else {
      ready.remove(key);
    }
  }

  private static boolean isReady(GenericKubernetesResource pod) {
    return pod.getMetadata().getDeletionTimestamp() == null
        && TaintedNode.maps(pod.get("status", "conditions"))
            .anyMatch(one -> "Ready".equals(one.get("type")) && "True".equals(one.get("status")));
  }

  @Override
  public void gone(ResourceKind kind, ResourceKey key) {
    switch (kind.name()) {
      case "Node" -> tainted.remove(key.name());
      case "Pod" -> ready.remove(key);
      default -> {}
    }
  }

  /** Not on the informers' threads, which bring what is next. */
  private void soon() {
    if (!tainted.isEmpty() && due.compareAndSet(false, true)) {
      try {
        executor.execute(this::look);
      } catch (RejectedExecutionException closed) {
        LOG.debug("closed meanwhile");
      }
    }
  }

  private void look() {
    due.set(false);
    try {
      run();
    } catch (KubernetesClientException e) {
      LOG.debug("the next look is one of housekeeping: {}", e.getMessage());
    }
  }

  /** Once more now and then: what failed is tried again, and this replica may lead by now. */
  @Override
  public synchronized void run() {
    if (!leads.getAsBoolean()) {
      return;
    }
    for (TaintedNode node : List.copyOf(tainted.values())) {
      if (isServed(node.name())) {
        take(node);
      }
    }
  }

  private boolean isServed(String node) {
    return PARTS.stream().allMatch(app -> ready.containsValue(new Part(app, node)));
  }

  private void take(TaintedNode node) {
    // By name alone the client would get the node first, which no role of ours allows.
    Node named = new NodeBuilder().withNewMetadata().withName(node.name()).endMetadata().build();
    try {
      client
          .nodes()
          .resource(named)
          .patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(node.withoutTaint()));
      tainted.remove(node.name(), node);
      LOG.info("node {}: agent and ztunnel are ready, taint {} is gone", node.name(), taint);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT
          && e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        throw new KubernetesClientException(
            "node %s: taint %s cannot be taken away: %s"
                .formatted(node.name(), taint, e.getMessage()),
            e);
      }
      LOG.debug("node {} is another by now, which is seen soon", node.name());
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
