// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.ztunnel.xds.RoutingPreference.Place;
import dev.culvert.ztunnel.xds.RoutingPreference.Placed;
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

  private record Held(Placed placed, String hostname) {
    Workload workload() {
      return placed.workload();
    }
  }

  private final ConcurrentMap<String, Held> workloads = new ConcurrentHashMap<>();
  private final AddressIndex<Workload> byAddress = new AddressIndex<>(OWN_ADDRESS_FIRST);
  private final NamedIndex<Workload> byName = new NamedIndex<>();
  private final NamedIndex<Workload> byHostname = new NamedIndex<>();
  private final ServiceTable services;
  private final AddressDecoder decoder;
  private final String network;

  /**
   * @param network the own network
   */
  AddressTable(String network, ServiceTable services) {
    this.network = network;
    this.services = services;
    this.decoder = new AddressDecoder(network);
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

  Optional<Workload> byName(String namespace, String name) {
    return byName.get(namespace, name);
  }

  Optional<Workload> byHostname(String hostname) {
    return byHostname.get(ANYWHERE, hostname);
  }

  Collection<Workload> all() {
    return workloads.values().stream().map(Held::workload).toList();
  }

  private void put(String name, Address address) {
    switch (address.getTypeCase()) {
      case WORKLOAD -> {
        putWorkload(name, address.getWorkload());
        services.remove(name);
      }
      case SERVICE -> {
        services.put(
            name,
            decoder.service(address.getService()),
            RoutingPreference.of(address.getService().getLoadBalancing()));
        removeWorkload(name);
      }
      case TYPE_NOT_SET -> throw new IllegalArgumentException("neither a workload nor a service");
    }
  }

  /** The new is in place before the old goes: no reader finds nothing in between. */
  private void putWorkload(String name, dev.culvert.policy.wire.workload.Workload wire) {
    Held now = new Held(new Placed(decoder.workload(wire), place(wire)), wire.getHostname());
    Held before = workloads.put(name, now);
    if (now.equals(before)) {
      return;
    }
    index(now);
    if (before != null) {
      forget(before);
    }
  }

  private void index(Held held) {
    Workload workload = held.workload();
    byName.put(workload.namespace(), workload.name(), workload);
    if (!held.hostname().isEmpty()) {
      byHostname.put(ANYWHERE, held.hostname(), workload);
    }
    if (workload.network().equals(network)) {
      workload.addresses().forEach(address -> byAddress.add(address, workload));
      services.addEndpoint(held.placed());
    }
  }

  private void forget(Held held) {
    Workload workload = held.workload();
    byName.remove(workload.namespace(), workload.name(), workload);
    byHostname.remove(ANYWHERE, held.hostname(), workload);
    workload.addresses().forEach(address -> byAddress.remove(address, workload));
    services.removeEndpoint(held.placed());
  }

  private void remove(String name) {
    services.remove(name);
    removeWorkload(name);
  }

  private void removeWorkload(String name) {
    Held held = workloads.remove(name);
    if (held != null) {
      forget(held);
    }
  }

  private static Place place(dev.culvert.policy.wire.workload.Workload wire) {
    return new Place(
        wire.getNetwork(),
        wire.getClusterId(),
        wire.getLocality().getRegion(),
        wire.getLocality().getZone(),
        wire.getLocality().getSubzone(),
        wire.getNode());
  }
}
