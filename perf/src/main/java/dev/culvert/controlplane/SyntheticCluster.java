// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.Endpoint;
import dev.culvert.policy.resource.EndpointPort;
import dev.culvert.policy.resource.EndpointSliceResource;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.NodeResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.OwnerReference;
import dev.culvert.policy.resource.PodPhase;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ServicePort;
import dev.culvert.policy.resource.ServiceResource;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A cluster as it is: pods by deployment, each with a service and a slice, spread over nodes in
 * zones, 200 to a namespace of which each has a policy.
 */
final class SyntheticCluster {
  static final int PODS_PER_SERVICE = 10;
  private static final int SERVICES_PER_NAMESPACE = 20;
  private static final int ZONES = 3;

  private final int nodes;
  private final int services;
  private final int[] incarnations;

  /**
   * @param pods a multiple of ten
   */
  SyntheticCluster(int nodes, int pods) {
    this.nodes = nodes;
    this.services = pods / PODS_PER_SERVICE;
    this.incarnations = new int[pods];
  }

  int pods() {
    return incarnations.length;
  }

  int services() {
    return services;
  }

  List<Resource> everything() {
    List<Resource> all = new ArrayList<>();
    for (int node = 0; node < nodes; node++) {
      all.add(node(node));
    }
    for (int service = 0; service < services; service++) {
      if (service % SERVICES_PER_NAMESPACE == 0) {
        all.add(namespace(service));
        all.add(policy(service));
      }
      all.add(service(service));
      all.add(slice(service));
    }
    for (int pod = 0; pod < pods(); pod++) {
      all.add(pod(pod, true));
    }
    return all;
  }

  /** A pod gives way to one of another name and address: what a rolling update does. */
  Replacement replace(int pod) {
    PodResource old = pod(pod, true);
    incarnations[pod]++;
    return new Replacement(old, pod(pod, true), slice(pod / PODS_PER_SERVICE));
  }

  /** The old pod is gone, the new one is there, and in the slice of the service. */
  record Replacement(PodResource old, PodResource next, EndpointSliceResource slice) {}

  PodResource pod(int pod, boolean ready) {
    int service = pod / PODS_PER_SERVICE;
    return new PodResource(
        metadata(
            namespaceName(service),
            podName(pod),
            Map.of(
                "app", serviceName(service), "pod-template-hash", "5d59d67564", "version", "v1")),
        "node-" + pod % nodes,
        serviceName(service),
        false,
        PodPhase.RUNNING,
        List.of(address(pod)),
        ready,
        false,
        List.of(),
        List.of(
            new OwnerReference(
                "apps/v1", "ReplicaSet", serviceName(service) + "-5d59d67564", true)));
  }

  private EndpointSliceResource slice(int service) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < PODS_PER_SERVICE; i++) {
      int pod = service * PODS_PER_SERVICE + i;
      endpoints.add(
          new Endpoint(
              List.of(address(pod)),
              true,
              true,
              false,
              "node-" + pod % nodes,
              "zone-" + pod % nodes % ZONES,
              Optional.of(podName(pod))));
    }
    return new EndpointSliceResource(
        metadata(
            namespaceName(service),
            serviceName(service) + "-slice",
            Map.of(EndpointSliceResource.SERVICE_LABEL, serviceName(service))),
        "IPv4",
        endpoints,
        List.of(new EndpointPort("http", 8080, "TCP", "")));
  }

  private ServiceResource service(int service) {
    return new ServiceResource(
        metadata(namespaceName(service), serviceName(service), Map.of()),
        "ClusterIP",
        List.of(ip(198, 19, service)),
        List.of(new ServicePort("http", 80, "TCP", "", 8080, "")),
        Map.of("app", serviceName(service)),
        "",
        false,
        "Cluster",
        "");
  }

  private static NamespaceResource namespace(int service) {
    return new NamespaceResource(
        metadata("", namespaceName(service), Map.of("culvert.dev/dataplane-mode", "ambient")));
  }

  private static AuthorizationPolicy policy(int service) {
    return new AuthorizationPolicy(
        metadata(namespaceName(service), "first-service", Map.of()),
        Map.of("app", serviceName(service)),
        List.of(),
        AuthorizationPolicy.Action.ALLOW,
        Optional.empty(),
        List.of());
  }

  private static NodeResource node(int node) {
    return new NodeResource(
        metadata(
            "",
            "node-" + node,
            Map.of(
                "topology.kubernetes.io/region",
                "region",
                "topology.kubernetes.io/zone",
                "zone-" + node % ZONES)),
        List.of());
  }

  private String podName(int pod) {
    return "%s-5d59d67564-%05d".formatted(serviceName(pod / PODS_PER_SERVICE), generation(pod));
  }

  private int generation(int pod) {
    return incarnations[pod] * PODS_PER_SERVICE + pod % PODS_PER_SERVICE;
  }

  private InetAddress address(int pod) {
    return ip(10 + incarnations[pod] % 100, pod >> 16, pod & 0xffff);
  }

  private static String namespaceName(int service) {
    return "team-" + service / SERVICES_PER_NAMESPACE;
  }

  private static String serviceName(int service) {
    return "service-" + service;
  }

  private static ObjectMeta metadata(String namespace, String name, Map<String, String> labels) {
    String uid = "00000000-0000-4000-8000-%012x".formatted(name.hashCode() & 0xffffffffL);
    return new ObjectMeta(namespace, name, uid, labels, Map.of(), Optional.empty());
  }

  private static InetAddress ip(int first, int second, int rest) {
    try {
      return InetAddress.getByAddress(
          new byte[] {(byte) first, (byte) second, (byte) (rest >> 8), (byte) rest});
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
