// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.BackendTlsPolicyResource;
import dev.culvert.policy.resource.ConfigMapResource;
import dev.culvert.policy.resource.EndpointSliceResource;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.ListenerSetResource;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.NodeResource;
import dev.culvert.policy.resource.PeerAuthentication;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.ReferenceGrantResource;
import dev.culvert.policy.resource.RequestAuthentication;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.SecretResource;
import dev.culvert.policy.resource.ServiceEntryResource;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.resource.StreamRouteResource;
import dev.culvert.policy.resource.TrafficPolicy;
import dev.culvert.policy.resource.WorkloadEntryResource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes changes of resources into the store and marks how far each of them reaches. */
final class MeshChange {
  private final MeshStore store;
  private final List<String> rootNamespaces;
  private final Reach reach = new Reach();
  private final EndpointChange endpoints;
  private final Set<String> nodes = new HashSet<>();
  private final Set<ObjectName> pods = new HashSet<>();
  private boolean policies;

  MeshChange(MeshStore store, List<String> rootNamespaces) {
    this.store = store;
    this.rootNamespaces = rootNamespaces;
    this.endpoints = new EndpointChange(store, reach);
  }

  Reach reach() {
    return reach;
  }

  /** The nodes on which there may be other pods than before. */
  Set<String> nodes() {
    return nodes;
  }

  /** The pods that are not what they were. */
  Set<ObjectName> pods() {
    return pods;
  }

  /** Whether a policy changed. */
  boolean policies() {
    return policies;
  }

  /**
   * One resource is other than before.
   *
   * @param before null when it is new
   * @param after null when it is gone
   */
  void resource(@Nullable Resource before, @Nullable Resource after) {
    Resource either = before == null ? after : before;
    switch (either) {
      case null -> {}
      case PodResource _ -> pod(unfinished(before), unfinished(after));
      case EndpointSliceResource _ ->
          endpoints.slice((EndpointSliceResource) before, (EndpointSliceResource) after);
      case ServiceResource _ -> service(listening(before), listening(after));
      case ServiceEntryResource _ ->
          serviceEntry((ServiceEntryResource) before, (ServiceEntryResource) after);
      case WorkloadEntryResource _ ->
          endpoints.entry((WorkloadEntryResource) before, (WorkloadEntryResource) after);
      case NamespaceResource _ -> namespace((NamespaceResource) before, (NamespaceResource) after);
      case NodeResource _ -> node((NodeResource) before, (NodeResource) after);
      case GatewayResource _ -> gateway((GatewayResource) before, (GatewayResource) after);
      case AuthorizationPolicy _ -> policy(either, before, after);
      case PeerAuthentication _ -> policy(either, before, after);
      case HttpRouteResource _,
          ListenerSetResource _,
          StreamRouteResource _,
          BackendTlsPolicyResource _,
          ReferenceGrantResource _,
          SecretResource _,
          ConfigMapResource _,
          TrafficPolicy _,
          RequestAuthentication _ -> {
        // What follows from them is a gateway's affair, and no address or policy.
      }
    }
  }

  private void pod(@Nullable PodResource before, @Nullable PodResource after) {
    ifThere(before, store::remove);
    ifThere(after, store::put);
    ifThere(before, this::pod);
    ifThere(after, this::pod);
  }

  private void pod(PodResource pod) {
    nodes.add(pod.nodeName());
    pods.add(ObjectName.of(pod.metadata()));
    reach.pod(ObjectName.of(pod.metadata()));
    endpoints.pod(pod);
  }

  /** What its pods serve hangs on its ports and its selector only. */
  private void service(@Nullable ServiceResource before, @Nullable ServiceResource after) {
    ifThere(before, store::remove);
    ifThere(after, store::put);
    if (before != null && after != null) {
      reach.rest(after.metadata().namespace());
      if (!before.ports().equals(after.ports()) || !before.selector().equals(after.selector())) {
        endpoints.service(after);
      }
      return;
    }
    ifThere(before, this::service);
    ifThere(after, this::service);
  }

  private void service(ServiceResource service) {
    reach.rest(service.metadata().namespace());
    endpoints.service(service);
    store.hosts.namespaces(store.host(service)).forEach(reach::rest);
  }

  private void serviceEntry(
      @Nullable ServiceEntryResource before, @Nullable ServiceEntryResource after) {
    ifThere(before, this::hosts);
    ifThere(before, store.hosts::remove);
    ifThere(after, store.hosts::add);
    ifThere(after, this::hosts);
    endpoints.entry(before, after);
  }

  private void hosts(ServiceEntryResource entry) {
    entry.hosts().forEach(host -> store.hosts.namespaces(host).forEach(reach::rest));
  }

  private void namespace(@Nullable NamespaceResource before, @Nullable NamespaceResource after) {
    ifThere(before, store::remove);
    ifThere(after, store::put);
    ifThere(before, one -> reach.all(one.metadata().name()));
    ifThere(after, one -> reach.all(one.metadata().name()));
  }

  /** What is looked at is the node's place, in its labels. */
  private void node(@Nullable NodeResource before, @Nullable NodeResource after) {
    ifThere(before, store::remove);
    ifThere(after, store::put);
    boolean same =
        before != null
            && after != null
            && before.metadata().labels().equals(after.metadata().labels());
    if (!same) {
      ifThere(before, this::node);
      ifThere(after, this::node);
    }
  }

  private void node(NodeResource node) {
    String name = node.metadata().name();
    nodes.add(name);
    store.podsOn(name).forEach(pod -> reach.pod(ObjectName.of(pod.metadata())));
    store.endpointNodes.of(name).forEach(reach::rest);
  }

  private void gateway(@Nullable GatewayResource before, @Nullable GatewayResource after) {
    ifThere(before, store::remove);
    ifThere(after, store::put);
    reach.everything();
  }

  /** Those of the whole mesh or a namespace are not named by workloads, but for mutual TLS. */
  private void policy(Resource either, @Nullable Resource before, @Nullable Resource after) {
    policies = true;
    ObjectName name = ObjectName.of(either.metadata());
    store.policies.remove(either.key());
    ifThere(after, policy -> store.policies.put(policy.key(), policy));
    if (!isNamed(before) && !isNamed(after)) {
      return;
    }
    if (rootNamespaces.contains(name.namespace())) {
      reach.everything();
    } else {
      reach.all(name.namespace());
    }
  }

  private static boolean isNamed(@Nullable Resource policy) {
    return switch (policy) {
      case null -> false;
      case AuthorizationPolicy one -> !one.selector().isEmpty();
      default -> true;
    };
  }

  private static @Nullable PodResource unfinished(@Nullable Resource pod) {
    return pod instanceof PodResource one && !one.isFinished() ? one : null;
  }

  /** One of type ExternalName is an answer of DNS and nothing that listens. */
  private static @Nullable ServiceResource listening(@Nullable Resource service) {
    return service instanceof ServiceResource one && !one.type().equals("ExternalName")
        ? one
        : null;
  }

  static <T> void ifThere(@Nullable T one, Consumer<T> action) {
    if (one != null) {
      action.accept(one);
    }
  }
}
