// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.policy.authz.PolicyIndex;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The mesh as one decision sees it, and what it looked for in vain without the control plane having
 * been asked. Of one thread.
 */
public final class NeededNames implements MeshState {
  private final MeshStore mesh;
  private final Answers answers;
  private final Set<String> names = new LinkedHashSet<>();

  NeededNames(MeshStore mesh, Answers answers) {
    this.mesh = mesh;
    this.answers = answers;
  }

  /** What must be asked for before the decision can be made. */
  public Set<String> names() {
    return names;
  }

  /** Whether something was said of each of them once, though it may hold no more. */
  public boolean wereAnswered() {
    return names.stream().allMatch(answers::isKnown);
  }

  @Override
  public Optional<Workload> workload(InetAddress address) {
    return needed(mesh.workload(address), key(mesh.network(), address));
  }

  /** Those of this node come unasked, and no others are looked for by name. */
  @Override
  public Optional<Workload> workload(String namespace, String name) {
    return mesh.workload(namespace, name);
  }

  @Override
  public Optional<Workload> workload(String network, InetAddress address) {
    return needed(mesh.workload(network, address), key(network, address));
  }

  @Override
  public Optional<Service> serviceByVip(InetAddress address, String clientNamespace) {
    Optional<Service> service = mesh.serviceByVip(address, clientNamespace);
    return mesh.workload(address).isPresent()
        ? service
        : needed(service, key(mesh.network(), address));
  }

  @Override
  public Optional<Service> serviceByHostname(String namespace, String hostname) {
    return needed(mesh.serviceByHostname(namespace, hostname), namespace + "/" + hostname);
  }

  /** They come with their service. */
  @Override
  public EndpointSet endpoints(Service service) {
    return mesh.endpoints(service);
  }

  @Override
  public PolicyIndex policies() {
    return mesh.policies();
  }

  @Override
  public void onChange(Runnable callback) {
    mesh.onChange(callback);
  }

  private <T> Optional<T> needed(Optional<T> found, String name) {
    if (found.isEmpty() && !answers.isSettled(name)) {
      names.add(name);
    }
    return found;
  }

  /** How control planes name an address; an IPv6 one as RFC 5952 writes it. */
  static String key(String network, InetAddress address) {
    return network + "/" + NetUtil.toAddressString(AddressIndex.plain(address));
  }
}
