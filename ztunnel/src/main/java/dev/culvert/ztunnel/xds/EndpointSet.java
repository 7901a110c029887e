// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.random.RandomGenerator;

/**
 * The endpoints of a service at one moment. What clients of one place may draw from is worked out
 * when the first of them asks, and then kept: a connection costs two look-ups and a draw, however
 * many endpoints there are. Any thread.
 */
public final class EndpointSet {
  private static final EndpointSet NONE = new EndpointSet(List.of(), Optional.empty());

  /** What a connection wants of an endpoint. */
  public enum Purpose {
    /** The service's own port. */
    APP(0),
    /** A port that the service need not list. */
    WAYPOINT(1),
    /** The same, whichever network it is of: a gateway is there to be reached from others. */
    GATEWAY(2);

    private final int code;

    Purpose(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  private final List<Workload> members;
  private final Optional<Service> service;
  private final ConcurrentMap<Place, EndpointTables> byPlace = new ConcurrentHashMap<>();

  private EndpointSet(List<Workload> members, Optional<Service> service) {
    this.members = members;
    this.service = service;
  }

  /** The endpoints among the workloads behind a service: ready ones, unless it takes others. */
  public static EndpointSet of(Service service, Collection<Workload> behind) {
    return new EndpointSet(
        behind.stream().filter(one -> service.takesUnready() || one.healthy()).toList(),
        Optional.of(service));
  }

  static EndpointSet none() {
    return NONE;
  }

  /** All of them, near or far. */
  public List<Workload> all() {
    return members;
  }

  /**
   * Draws the endpoint of a new connection: of those that the client has a way to, the nearest by
   * the service's preference, rather one with an address of the family that was asked for than
   * another, and at random by capacity.
   *
   * @param asked the address that the client asked for
   * @param port of the service, or the one wanted where the service need not list it
   * @return empty when there is none
   */
  public Optional<ServiceEndpoint> draw(
      Workload client, InetAddress asked, int port, Purpose purpose, RandomGenerator random) {
    if (members.isEmpty()) {
      return Optional.empty();
    }
    EndpointTables tables = byPlace.get(client.place());
    if (tables == null) {
      tables = byPlace.computeIfAbsent(client.place(), place -> new EndpointTables());
    }
    int key = EndpointTables.key(port, purpose, families(client), asked instanceof Inet4Address);
    WeightedTable table = tables.get(key);
    if (table == null) {
      var wanted = new EndpointFilter(service.orElseThrow(), client, asked, port, purpose);
      table = tables.put(key, wanted.table(members));
    }
    return table.draw(random);
  }

  /**
   * The endpoints that {@link #draw} draws from, and behind them those that are further away;
   * worked out anew with each call.
   *
   * @return the nearest first
   */
  public List<List<ServiceEndpoint>> tiers(
      Workload client, InetAddress asked, int port, Purpose purpose) {
    return members.isEmpty()
        ? List.of()
        : new EndpointFilter(service.orElseThrow(), client, asked, port, purpose).tiers(members);
  }

  /** Bit 0 for IPv4, bit 1 for IPv6. */
  static int families(Workload workload) {
    int families = 0;
    List<InetAddress> addresses = workload.addresses();
    for (int i = 0; i < addresses.size(); i++) {
      families |= addresses.get(i) instanceof Inet4Address ? 1 : 2;
    }
    return families;
  }
}
