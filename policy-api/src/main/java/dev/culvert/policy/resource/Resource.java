// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/** A Kubernetes object, as far as Culvert uses it. */
public sealed interface Resource
    permits NamespaceResource,
        NodeResource,
        PodResource,
        ServiceResource,
        EndpointSliceResource,
        GatewayResource,
        ListenerSetResource,
        RouteResource,
        BackendTlsPolicyResource,
        ReferenceGrantResource,
        SecretResource,
        ConfigMapResource,
        ServiceEntryResource,
        WorkloadEntryResource,
        AuthorizationPolicy,
        PeerAuthentication,
        RequestAuthentication,
        TrafficPolicy {

  /** Name, labels and the like. */
  ObjectMeta metadata();

  /** The kind as YAML writes it. */
  String kind();

  /** What may exist only once. */
  default ResourceKey key() {
    return new ResourceKey(kind(), metadata().namespace(), metadata().name());
  }
}
