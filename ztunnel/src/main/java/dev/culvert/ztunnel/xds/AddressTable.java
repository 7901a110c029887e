// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.culvert.policy.spiffe.TrustDomains;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The workloads, found by address and by name. Written on the xDS thread, read on any. */
final class AddressTable implements ResourceSink {
  /** A pod of the host network shares its address with its node: another's claim goes first. */
  private static final Comparator<Workload> OWN_ADDRESS_FIRST =
      Comparator.comparing(workload -> !workload.hostNetwork());

  /** A host name says all: it is looked for without a namespace. */
  private static final String ANYWHERE = "";

  private final ConcurrentMap<String, Workload> workloads = new ConcurrentHashMap<>();
  private final AddressIndex<Workload> byAddress = new AddressIndex<>(OWN_ADDRESS_FIRST);
  private final ConcurrentMap<String, AddressIndex<Workload>> ofOtherNetworks =
      new ConcurrentHashMap<>();
  private final NamedIndex<Workload> byName = new NamedIndex<>();
  private final NamedIndex<Workload> ofOtherClusters = new NamedIndex<>();
  private final NamedIndex<Workload> byHostname = new NamedIndex<>();
  private final ServiceTable services;
  private final AddressDecoder decoder;
  private final String cluster;
  private final String network;

  /**
   * @param cluster the own cluster
   * @param network the own network
   */
  AddressTable(String cluster, String network, ServiceTable services, TrustDomains domains) {
    this.cluster = cluster;
    this.network = network;
    this.services = services;
    this.decoder = new AddressDecoder(network, domains);
  }

  @Override
  public List<Rejected> apply(List<Resource> resources, List<String> removed) {
    List<Rejected> rejected = new ArrayList<>();
    removed.forEach(this::remove);
    for (Resource resource : resources) {
      try {
        put(resource.getName(), resource.getResource().unpack(Address.class));
      } catch (InvalidProtocolBufferException | RuntimeException e) {
        rejected.add(new Rejected(resource.getName(), e.getMessage()));
      }
    }
    services.publish();
    return rejected;
  }

  Optional<Workload> byAddress(InetAddress address) {
    return byAddress.get(address);
  }

  /** By the address that it has in the network. */
  Optional<Workload> byAddress(String ofNetwork, InetAddress address) {
    if (ofNetwork.equals(network)) {
      return byAddress.get(address);
    }
    AddressIndex<Workload> index = ofOtherNetworks.get(ofNetwork);
    return index == null ? Optional.empty() : index.get(address);
  }

  Optional<Workload> byName(String namespace, String name) {
    Optional<Workload> own = byName.get(namespace, name);
    return own.isPresent() ? own : ofOtherClusters.get(namespace, name);
  }

  Optional<Workload> byUid(String uid) {
    return Optional.ofNullable(workloads.get(uid));
  }

  Optional<Workload> byHostname(String hostname) {
    return byHostname.get(ANYWHERE, hostname);
  }

  Collection<Workload> all() {
    return List.copyOf(workloads.values());
  }

  private void put(String name, Address address) {
    switch (address.getTypeCase()) {
      case WORKLOAD -> {
        putWorkload(name, address.getWorkload());
        services.remove(name);
      }
      case SERVICE -> {
        services.put(name, decoder.service(address.getService()));
        removeWorkload(name);
      }
      case TYPE_NOT_SET -> throw new IllegalArgumentException("neither a workload nor a service");
    }
  }

  /** The new is in place before the old goes: no reader finds nothing in between. */
  private void putWorkload(String name, dev.culvert.policy.wire.workload.Workload wire) {
    Workload now = decoder.workload(wire);
    Workload before = workloads.get(name);
    if (now.equals(before)) {
      return;
    }
    workloads.put(name, now);
    index(now);
    if (before != null) {
      forget(before);
    }
  }

  private void index(Workload workload) {
    names(workload).put(workload.namespace(), workload.name(), workload);
    if (!workload.hostname().isEmpty()) {
      byHostname.put(ANYWHERE, workload.hostname(), workload);
    }
    AddressIndex<Workload> addresses = addressesOf(workload.network());
    workload.addresses().forEach(address -> addresses.add(address, workload));
    services.addEndpoint(workload);
  }

  private NamedIndex<Workload> names(Workload workload) {
    return workload.place().cluster().equals(cluster) ? byName : ofOtherClusters;
  }

  private AddressIndex<Workload> addressesOf(String one) {
    return one.equals(network)
        ? byAddress
        : ofOtherNetworks.computeIfAbsent(one, n -> new AddressIndex<>(OWN_ADDRESS_FIRST));
  }

  private void forget(Workload workload) {
    names(workload).remove(workload.namespace(), workload.name(), workload);
    byHostname.remove(ANYWHERE, workload.hostname(), workload);
    AddressIndex<Workload> addresses = addressesOf(workload.network());
    workload.addresses().forEach(address -> addresses.remove(address, workload));
    services.removeEndpoint(workload);
  }

  private void remove(String name) {
    services.remove(name);
    removeWorkload(name);
  }

  private void removeWorkload(String name) {
    Workload removed = workloads.remove(name);
    if (removed != null) {
      forget(removed);
    }
  }
}
