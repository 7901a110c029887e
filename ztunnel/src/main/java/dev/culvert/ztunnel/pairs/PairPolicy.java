// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.pairs;

import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.ztunnel.authz.Authorizer;
import dev.culvert.ztunnel.route.Route;
import dev.culvert.ztunnel.route.Router;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Workload;
import dev.culvert.ztunnel.zds.Pod;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Decides as a proxied connection is decided, from what the mesh looks like now.
 *
 * @param pods those of this node that are up
 */
record PairPolicy(
    MeshState mesh, Authorizer authorizer, Router router, Function<Workload, Optional<Pod>> pods) {

  /**
   * The pair, if the source would now be routed straight from its own address to exactly this
   * address of another pod of this node; with the verdict on it.
   */
  Optional<Watched> find(Pod source, InetSocketAddress asked) {
    Optional<Workload> from = mesh.workload(source.namespace(), source.name());
    if (from.isEmpty()
        || !(router.route(from.get(), asked) instanceof Route.SameNode route)
        || route.service().isPresent()
        || !route.target().equals(asked)) {
      return Optional.empty();
    }
    Optional<Pod> destination = pods.apply(route.destination());
    Optional<InetAddress> own = onlyAddress(from.get(), asked.getAddress());
    if (destination.isEmpty()
        || own.isEmpty()
        || destination.get().uid().equals(source.uid())
        || !from.get().identity().equals(source.identity())) {
      return Optional.empty();
    }
    return Optional.of(watched(source, destination.get(), route.destination(), own.get(), asked));
  }

  private Watched watched(
      Pod source, Pod destination, Workload workload, InetAddress own, InetSocketAddress asked) {
    ConnectionFacts facts =
        new ConnectionFacts(
            Optional.of(source.identity()), own, asked.getAddress(), asked.getPort());
    return new Watched(source, destination, workload, facts, authorizer.decide(workload, facts));
  }

  /** Judges again, as a proxied connection that is open is judged again. */
  void judge(Watched pair) {
    Workload known = pair.lastKnown();
    Workload now = mesh.workload(known.namespace(), known.name()).orElse(known);
    pair.judged(now, authorizer.decide(now, pair.facts()));
  }

  /** Whether the pair would be found again, allowed. */
  boolean upholds(Watched pair) {
    return find(pair.source(), pair.endpoint())
        .filter(found -> found.verdict().isAllowed())
        .filter(found -> found.facts().equals(pair.facts()))
        .filter(found -> found.destination().uid().equals(pair.destination().uid()))
        .isPresent();
  }

  /** Policy may look at the source's address: it must be beyond doubt. */
  private static Optional<InetAddress> onlyAddress(Workload workload, InetAddress like) {
    List<InetAddress> same =
        workload.addresses().stream()
            .filter(each -> each instanceof Inet4Address == like instanceof Inet4Address)
            .toList();
    return same.size() == 1 ? Optional.of(same.getFirst()) : Optional.empty();
  }

  /** What a connection that is open without a proxy would be judged by. */
  Optional<Watched> findOpen(Pod source, InetSocketAddress endpoint) {
    return mesh.workload(endpoint.getAddress())
        .flatMap(
            workload ->
                pods.apply(workload)
                    .flatMap(
                        pod ->
                            mesh.workload(source.namespace(), source.name())
                                .flatMap(from -> onlyAddress(from, endpoint.getAddress()))
                                .map(own -> watched(source, pod, workload, own, endpoint))));
  }
}
