// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.xds.EndpointSet.Purpose;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Finds which endpoints of a service a client may draw from. */
final class EndpointFilter {
  private final Service service;
  private final Workload client;
  private final int clientFamilies;
  private final boolean askedV4;
  private final int port;
  private final Purpose purpose;
  private final Map<SpiffeId, Set<SpiffeId>> expected = new HashMap<>();

  EndpointFilter(Service service, Workload client, InetAddress asked, int port, Purpose purpose) {
    this.service = service;
    this.client = client;
    this.clientFamilies = EndpointSet.families(client);
    this.askedV4 = asked instanceof Inet4Address;
    this.port = port;
    this.purpose = purpose;
  }

  WeightedTable table(List<Workload> members) {
    List<List<ServiceEndpoint>> tiers = tiers(members);
    return new WeightedTable(tiers.isEmpty() ? List.of() : tiers.getFirst());
  }

  /** The nearest first; those of no rank are none of the client's. */
  List<List<ServiceEndpoint>> tiers(List<Workload> members) {
    NavigableMap<Integer, List<Workload>> byRank = new TreeMap<>(Comparator.reverseOrder());
    for (Workload one : members) {
      int rank = isUsable(one) ? rank(one) : -1;
      if (rank >= 0) {
        byRank.computeIfAbsent(rank, _ -> new ArrayList<>()).add(one);
      }
    }
    return byRank.values().stream().map(this::endpoints).toList();
  }

  private List<ServiceEndpoint> endpoints(List<Workload> members) {
    List<Workload> sameFamily = members.stream().filter(this::isOfAskedFamily).toList();
    return (sameFamily.isEmpty() ? members : sameFamily).stream().map(this::endpoint).toList();
  }

  private boolean isUsable(Workload one) {
    return one.capacity() > 0 && port(one).isPresent() && hasWay(one);
  }

  private boolean hasWay(Workload one) {
    if (isThroughGateway(one)) {
      return one.networkGateway().isPresent();
    }
    return one.addresses().isEmpty() ? !one.hostname().isEmpty() : address(one).isPresent();
  }

  private boolean isThroughGateway(Workload one) {
    return purpose != Purpose.GATEWAY && !one.network().equals(client.network());
  }

  private int rank(Workload one) {
    return purpose == Purpose.GATEWAY ? 0 : service.preference().rank(one.place(), client.place());
  }

  private boolean isOfAskedFamily(Workload one) {
    return isThroughGateway(one)
        || address(one).filter(own -> own instanceof Inet4Address == askedV4).isPresent();
  }

  /** One of the asked family, or else of another that the client has too. */
  private Optional<InetAddress> address(Workload one) {
    return Stream.concat(
            one.addresses().stream().filter(own -> own instanceof Inet4Address == askedV4),
            one.addresses().stream())
        .filter(own -> clientFamilies == 0 || (clientFamilies & family(own)) != 0)
        .findFirst();
  }

  private static int family(InetAddress address) {
    return address instanceof Inet4Address ? 1 : 2;
  }

  /** What the endpoint says of the port goes before what the service says. */
  private OptionalInt port(Workload one) {
    OptionalInt own = one.targetPort(service.key(), port);
    int target = own.orElseGet(() -> service.port(port).map(ServicePort::targetPort).orElse(0));
    if (target > 0) {
      return OptionalInt.of(target);
    }
    return purpose == Purpose.APP ? OptionalInt.empty() : OptionalInt.of(port);
  }

  private ServiceEndpoint endpoint(Workload one) {
    return new ServiceEndpoint(one, target(one), expected(one));
  }

  private Optional<InetSocketAddress> target(Workload one) {
    if (isThroughGateway(one)) {
      return Optional.empty();
    }
    int target = port(one).orElseThrow();
    return Optional.of(
        address(one)
            .map(address -> new InetSocketAddress(address, target))
            .orElseGet(() -> InetSocketAddress.createUnresolved(one.hostname(), target)));
  }

  private Set<SpiffeId> expected(Workload one) {
    return expected.computeIfAbsent(one.identity(), own -> withOwn(service.subjectAltNames(), own));
  }

  private static Set<SpiffeId> withOwn(Collection<SpiffeId> names, SpiffeId own) {
    Set<SpiffeId> all = new HashSet<>(names);
    all.add(own);
    return Set.copyOf(all);
  }
}
