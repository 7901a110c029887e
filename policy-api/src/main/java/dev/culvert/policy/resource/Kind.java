// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * A kind that is read, and how.
 *
 * @param unknown what becomes of a field that is not known
 */
record Kind(
    String name,
    Set<String> apiVersions,
    boolean namespaced,
    Unknown unknown,
    BiFunction<ObjectMeta, ObjectReader, Resource> reader) {

  /** What becomes of fields that are not known. */
  enum Unknown {
    /** Nothing: most of what such a kind has is none of our business. */
    SKIPPED,
    /** It is told: a misspelt one has no effect, and a new one must not take the rest away. */
    TOLD,
    /** It is an error: it could be the one that protects. */
    REFUSED
  }

  private static final String CULVERT_POLICY = "policy.culvert.dev/v1alpha1";

  private static final Set<String> GATEWAY_API =
      Set.of("gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1");

  private static final Set<String> STREAM_ROUTES =
      Set.of(
          "gateway.networking.k8s.io/v1",
          "gateway.networking.k8s.io/v1alpha3",
          "gateway.networking.k8s.io/v1alpha2");

  private static final Set<String> ISTIO_NETWORKING =
      Set.of(
          "networking.istio.io/v1", "networking.istio.io/v1beta1", "networking.istio.io/v1alpha3");

  /** What instances of Gateways are told beside what decides on requests. */
  private static final Set<String> WITH_GATEWAYS =
      Set.of("Namespace", "Secret", "BackendTLSPolicy", "TLSRoute", "TCPRoute", "ListenerSet");

  private static final List<Kind> ALL =
      List.of(
          new Kind(
              "Namespace",
              Set.of("v1"),
              false,
              Unknown.SKIPPED,
              (m, _) -> new NamespaceResource(m)),
          new Kind("Node", Set.of("v1"), false, Unknown.SKIPPED, NodeReader::read),
          new Kind("Pod", Set.of("v1"), true, Unknown.SKIPPED, PodReader::read),
          new Kind("Service", Set.of("v1"), true, Unknown.SKIPPED, ServiceReader::read),
          new Kind(
              "EndpointSlice",
              Set.of("discovery.k8s.io/v1"),
              true,
              Unknown.SKIPPED,
              EndpointSliceReader::read),
          new Kind("Gateway", GATEWAY_API, true, Unknown.TOLD, GatewayReader::read),
          new Kind("HTTPRoute", GATEWAY_API, true, Unknown.REFUSED, HttpRouteReader::read),
          new Kind("GRPCRoute", GATEWAY_API, true, Unknown.REFUSED, GrpcRouteReader::read),
          new Kind(
              "BackendTLSPolicy",
              Set.of("gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1alpha3"),
              true,
              Unknown.REFUSED,
              BackendTlsPolicyReader::read),
          new Kind(
              "ListenerSet",
              Set.of("gateway.networking.k8s.io/v1"),
              true,
              Unknown.REFUSED,
              ListenerSetReader::read),
          new Kind("TLSRoute", STREAM_ROUTES, true, Unknown.REFUSED, StreamRouteReader::tls),
          new Kind("TCPRoute", STREAM_ROUTES, true, Unknown.REFUSED, StreamRouteReader::tcp),
          new Kind(
              "ReferenceGrant", GATEWAY_API, true, Unknown.REFUSED, ReferenceGrantReader::read),
          new Kind("Secret", Set.of("v1"), true, Unknown.SKIPPED, SecretReader::read),
          new Kind("ConfigMap", Set.of("v1"), true, Unknown.SKIPPED, ConfigMapReader::read),
          new Kind("ServiceEntry", ISTIO_NETWORKING, true, Unknown.TOLD, ServiceEntryReader::read),
          new Kind(
              "WorkloadEntry", ISTIO_NETWORKING, true, Unknown.TOLD, WorkloadEntryReader::read),
          policy("AuthorizationPolicy", AuthorizationPolicyReader::read),
          policy("PeerAuthentication", PeerAuthenticationReader::read),
          policy("RequestAuthentication", RequestAuthenticationReader::read),
          new Kind(
              "TrafficPolicy",
              Set.of(CULVERT_POLICY),
              true,
              Unknown.REFUSED,
              TrafficPolicyReader::read));

  private static Kind policy(String name, BiFunction<ObjectMeta, ObjectReader, Resource> reader) {
    Set<String> versions =
        Set.of(CULVERT_POLICY, "security.istio.io/v1", "security.istio.io/v1beta1");
    return new Kind(name, versions, true, Unknown.REFUSED, reader);
  }

  /** The kind of that name in the group of that version; the version itself may be unknown. */
  static Optional<Kind> find(String apiVersion, String name) {
    return ALL.stream()
        .filter(kind -> kind.name.equals(name) && kind.isOfGroup(group(apiVersion)))
        .findFirst();
  }

  static List<Kind> all() {
    return ALL;
  }

  static List<String> names() {
    return ALL.stream().map(Kind::name).toList();
  }

  boolean isPolicy() {
    return apiVersions.contains(CULVERT_POLICY);
  }

  /** Whether waypoints and gateways are told of it. */
  boolean isForWaypoints() {
    return apiVersions.equals(GATEWAY_API)
        || WITH_GATEWAYS.contains(name)
        || (isPolicy() && !name.equals("PeerAuthentication"))
        || name.equals("ConfigMap");
  }

  private boolean isOfGroup(String group) {
    return apiVersions.stream().map(Kind::group).anyMatch(group::equals);
  }

  static String group(String apiVersion) {
    return apiVersion.substring(0, Math.max(apiVersion.indexOf('/'), 0));
  }

  Optional<Resource> read(ObjectReader object) {
    object.know("apiVersion", "kind");
    Optional<Resource> resource =
        MetadataReader.read(object, namespaced).map(meta -> reader.apply(meta, object));
    resource.ifPresent(read -> look(read, object));
    return resource;
  }

  private void look(Resource read, ObjectReader object) {
    switch (unknown) {
      case SKIPPED -> {}
      case TOLD -> object.tellUnknown(read.key().toString());
      case REFUSED -> object.refuseUnknown();
    }
  }
}
