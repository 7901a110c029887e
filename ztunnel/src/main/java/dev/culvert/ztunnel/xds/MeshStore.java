// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.policy.authz.PolicyIndex;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.spiffe.TrustDomains;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.security.Authorization;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The mesh as the control plane tells it; what it told last stays. Listeners run on its thread. */
public final class MeshStore implements MeshState {
  private static final Logger LOG = LoggerFactory.getLogger(MeshStore.class);

  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final PolicyTable policies;
  private final ServiceTable services = new ServiceTable();
  private final AddressTable workloads;
  private final String network;

  /**
   * @param cluster the own cluster: a pod of it goes before its namesakes elsewhere
   * @param network of this node
   */
  public MeshStore(String cluster, String network) {
    this(cluster, network, TrustDomains.only(new TrustDomain("cluster.local")));
  }

  /**
   * @param domains identities of an alias are kept by their name in the own trust domain
   */
  public MeshStore(String cluster, String network, TrustDomains domains) {
    this.network = network;
    this.policies = new PolicyTable(domains);
    this.workloads = new AddressTable(cluster, network, services, domains);
  }

  /** The own network. */
  public String network() {
    return network;
  }

  @Override
  public Optional<Workload> workload(InetAddress address) {
    return workloads.byAddress(address);
  }

  @Override
  public Optional<Workload> workload(String namespace, String name) {
    return workloads.byName(namespace, name);
  }

  @Override
  public Optional<Workload> workload(String network, InetAddress address) {
    return workloads.byAddress(network, address);
  }

  @Override
  public Optional<Service> serviceByVip(InetAddress address, String clientNamespace) {
    return services.byVip(address, clientNamespace);
  }

  @Override
  public Optional<Service> serviceByHostname(String namespace, String hostname) {
    return services.byHostname(namespace, hostname);
  }

  /** The services of that host name, in any namespace; canonical ones first. */
  public List<Service> servicesByHostname(String hostname) {
    return services.byHostname(hostname);
  }

  /** The workload that the control plane names so. */
  Optional<Workload> workloadByUid(String uid) {
    return workloads.byUid(uid);
  }

  /** The workload that has a host name of its own. */
  public Optional<Workload> workloadByHostname(String hostname) {
    return workloads.byHostname(hostname);
  }

  @Override
  public EndpointSet endpoints(Service service) {
    return services.endpoints(service);
  }

  @Override
  public PolicyIndex policies() {
    return policies.index();
  }

  @Override
  public void onChange(Runnable callback) {
    listeners.add(callback);
  }

  /** All workloads, in no order. */
  public Collection<Workload> workloads() {
    return workloads.all();
  }

  /** All services, in no order. */
  public Collection<Service> services() {
    return services.all();
  }

  /** All policies, as they were sent. */
  public List<Authorization> authorizations() {
    return policies.all();
  }

  ResourceSink addressSink() {
    return (resources, removed) -> apply(workloads, resources, removed);
  }

  ResourceSink authorizationSink() {
    return (resources, removed) -> apply(policies, resources, removed);
  }

  private List<ResourceSink.Rejected> apply(
      ResourceSink sink, List<Resource> resources, List<String> removed) {
    List<ResourceSink.Rejected> rejected = sink.apply(resources, removed);
    listeners.forEach(MeshStore::tell);
    return rejected;
  }

  /** One that fails must not keep the others, or the acknowledgement, from coming. */
  private static void tell(Runnable listener) {
    try {
      listener.run();
    } catch (RuntimeException e) {
      LOG.error("a listener to changes of the mesh failed", e);
    }
  }
}
