// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import com.google.protobuf.TextFormat;
import com.google.protobuf.TextFormat.ParseException;
import dev.culvert.policy.authz.CompiledAuthorization;
import dev.culvert.policy.authz.PolicyIndex;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.ztunnel.xds.EndpointSet;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.Workload;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** A mesh that the test describes. */
public final class TestMesh implements MeshState {
  private final Collection<Workload> workloads = new CopyOnWriteArrayList<>();
  private final Collection<Service> services = new CopyOnWriteArrayList<>();
  private final Collection<Runnable> callbacks = ConcurrentHashMap.newKeySet();
  private volatile PolicyIndex policies = PolicyIndex.empty();

  public void put(Workload workload) {
    workloads.removeIf(w -> w.uid().equals(workload.uid()));
    workloads.add(workload);
    callbacks.forEach(Runnable::run);
  }

  public void remove(Workload workload) {
    workloads.removeIf(w -> w.uid().equals(workload.uid()));
    callbacks.forEach(Runnable::run);
  }

  public void put(Service service) {
    services.removeIf(s -> s.key().equals(service.key()));
    services.add(service);
  }

  /** Policies in protobuf's text form; workloads of any namespace named in them are bound. */
  public void setPolicies(String... texts) {
    policies = PolicyIndex.of(Arrays.stream(texts).map(TestMesh::policy).toList());
    callbacks.forEach(Runnable::run);
  }

  private static CompiledAuthorization policy(String text) {
    try {
      return CompiledAuthorization.compile(TextFormat.parse(text, Authorization.class));
    } catch (ParseException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Override
  public Optional<Workload> workload(InetAddress address) {
    return workload("", address);
  }

  @Override
  public Optional<Workload> workload(String namespace, String name) {
    return first(workloads, w -> w.namespace().equals(namespace) && w.name().equals(name));
  }

  @Override
  public Optional<Workload> workload(String network, InetAddress address) {
    return first(workloads, w -> w.network().equals(network) && w.addresses().contains(address));
  }

  @Override
  public Optional<Service> serviceByVip(InetAddress address, String clientNamespace) {
    return first(services, s -> s.vips().stream().anyMatch(vip -> vip.address().equals(address)));
  }

  @Override
  public Optional<Service> serviceByHostname(String namespace, String hostname) {
    return first(services, s -> s.namespace().equals(namespace) && s.hostname().equals(hostname));
  }

  @Override
  public EndpointSet endpoints(Service service) {
    return EndpointSet.of(
        service, workloads.stream().filter(w -> w.services().containsKey(service.key())).toList());
  }

  @Override
  public PolicyIndex policies() {
    return policies;
  }

  @Override
  public void onChange(Runnable callback) {
    callbacks.add(callback);
  }

  private static <T> Optional<T> first(Collection<T> all, Predicate<T> wanted) {
    return all.stream().filter(wanted).findFirst();
  }
}
