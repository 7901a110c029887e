// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.TargetRef;
import dev.culvert.policy.resource.TrafficPolicy;
import dev.culvert.policy.traffic.Traffic;
import dev.culvert.waypoint.plan.RouteTreatment;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The clusters that somebody has, and the policies that are for them. Any thread. */
public final class Clusters {
  private record Key(String namespace, String service, int port, String shownBy) {}

  private record ServiceKey(String namespace, String service) {}

  private final MeterRegistry registry;
  private final Prober prober;
  private final Map<Key, WeakReference<Cluster>> clusters = new ConcurrentHashMap<>();
  private final RouteTreatments routes = new RouteTreatments();
  private volatile Map<ServiceKey, Traffic> policies = Map.of();

  public Clusters(MeterRegistry registry, Prober prober) {
    this.registry = registry;
    this.prober = prober;
  }

  /**
   * The cluster of a service's port: the same for all as long as somebody has it.
   *
   * @param service its name; empty for a pod that was asked for itself
   */
  public Cluster of(String namespace, String service, int port) {
    return of(namespace, service, port, "");
  }

  /**
   * The same as it is to one whose certificate it is shown: what it thinks of that says nothing of
   * others.
   *
   * @param shownBy who that is, whatever the certificate; empty when it is shown none
   */
  public Cluster of(String namespace, String service, int port, String shownBy) {
    Cluster[] found = new Cluster[1];
    clusters.compute(
        new Key(namespace, service, port, shownBy),
        (key, known) -> {
          found[0] = known == null ? null : known.get();
          if (found[0] != null) {
            return known;
          }
          found[0] = make(key);
          return new WeakReference<>(found[0]);
        });
    return found[0];
  }

  private Cluster make(Key key) {
    Cluster made =
        new Cluster(
            name(key),
            key.service + "." + key.namespace,
            new ClusterMeters(registry, key.namespace, key.service),
            prober);
    made.behave(traffic(key));
    return made;
  }

  private static String name(Key key) {
    String name = "%s/%s:%d".formatted(key.namespace, key.service, key.port);
    return key.shownBy.isEmpty() ? name : name + " of " + key.shownBy;
  }

  private Traffic traffic(Key key) {
    return policies.getOrDefault(new ServiceKey(key.namespace, key.service), Traffic.STANDARD);
  }

  /** What is said of all requests of a route, whichever cluster they go to. */
  public RouteTreatment treatment(Resource route) {
    return routes.of(route);
  }

  /**
   * From now on these policies count.
   *
   * @return which of them have no effect, and why
   */
  public List<String> apply(Resources files) {
    Map<ServiceKey, TrafficPolicy> chosen = new HashMap<>();
    List<String> problems = new ArrayList<>();
    files
        .resources(TrafficPolicy.class)
        .filter(TrafficPolicy::isForServices)
        .sorted(TrafficPolicy.OLDEST_FIRST)
        .forEach(policy -> policy.targetRefs().forEach(to -> choose(to, policy, chosen, problems)));
    routes.apply(
        files
            .resources(TrafficPolicy.class)
            .filter(TrafficPolicy::isForRoutes)
            .sorted(TrafficPolicy.OLDEST_FIRST),
        problems);
    Map<ServiceKey, Traffic> next = new HashMap<>();
    chosen.forEach((service, policy) -> next.put(service, policy.traffic()));
    policies = Map.copyOf(next);
    clusters.forEach(
        (key, known) -> {
          Cluster cluster = known.get();
          if (cluster == null) {
            clusters.remove(key, known);
          } else {
            cluster.behave(traffic(key));
          }
        });
    return problems;
  }

  private static void choose(
      TargetRef to,
      TrafficPolicy policy,
      Map<ServiceKey, TrafficPolicy> chosen,
      List<String> problems) {
    ServiceKey service = new ServiceKey(policy.metadata().namespace(), to.name());
    TrafficPolicy older = chosen.putIfAbsent(service, policy);
    if (older != null && !older.equals(policy)) {
      problems.add(
          "%s: %s is for Service %s already and is older; this one has no effect there"
              .formatted(policy.key(), older.key(), to.name()));
    }
  }
}
