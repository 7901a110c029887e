// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import static java.util.stream.Collectors.groupingBy;

import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.controlplane.model.ServiceBindings.Binding;
import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.BackendTlsPolicyResource;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ListenerSetResource;
import dev.culvert.policy.resource.ObjectReading;
import dev.culvert.policy.resource.PeerAuthentication;
import dev.culvert.policy.resource.RequestAuthentication;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceError;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceNotice;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.resource.ServiceEntryResource;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.resource.TrafficPolicy;
import dev.culvert.policy.translate.MeshPolicies;
import dev.culvert.policy.translate.TranslationNotice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Judges the resources of a mesh that changes. Not thread-safe; what comes out is immutable. */
public final class Verdicts {
  private final MeshObjects mesh;
  private final List<String> rootNamespaces;
  private List<TranslationNotice> notices = List.of();
  private List<ResourceError> errors = List.of();
  private List<ResourceNotice> unused = List.of();
  private Said said = Said.NOTHING;

  /** Of a mesh without anything in it. */
  public Verdicts(MeshNames names) {
    this.mesh = new MeshObjects(names);
    this.rootNamespaces = names.rootNamespaces();
  }

  /**
   * Takes in a change; most changes, those of pods, leave everything as it was said.
   *
   * @param found all that the translation has found
   */
  public Said update(ResourceChanges changes, List<TranslationNotice> found) {
    boolean changed = mesh.update(changes);
    changed |= !found.equals(notices);
    changed |= !changes.errors().equals(errors) || !changes.notices().equals(unused);
    if (changed) {
      notices = found;
      errors = changes.errors();
      unused = changes.notices();
      said = judge();
    }
    return said;
  }

  /**
   * All that would be said of one object, were it there. What is there beside it is what it would
   * meet.
   *
   * @param origin what it is called in its errors
   */
  public Said preview(String origin, ObjectReading reading) {
    Map<ResourceKey, List<Condition>> policies = new HashMap<>();
    Map<ResourceKey, List<Attachment>> routes = new HashMap<>();
    Map<ResourceKey, GatewayVerdict> gateways = new HashMap<>(said.gateways());
    Map<ResourceKey, ListenerSetVerdict> sets = new HashMap<>();
    Map<ResourceKey, BackendTlsVerdict> backends = new HashMap<>();
    Map<ResourceKey, Condition> bindings = new HashMap<>();
    reading
        .resource()
        // Whose it is, is told by what it is for.
        .or(() -> reading.standIn().filter(BackendTlsPolicyResource.class::isInstance))
        .ifPresent(
            resource -> {
              ResourceKey key = resource.key();
              switch (resource) {
                case RouteResource route -> routes.put(key, new RouteVerdicts(mesh).of(route));
                case GatewayResource gateway when Controllers.isOurs(gateway) ->
                    gateways.putAll(listeners().judge(gateway, List.of()).gateways());
                case ListenerSetResource set ->
                    new Parents(mesh)
                        .gateway(set)
                        .ifPresent(gateway -> sets.putAll(preview(gateway, set)));
                case TrafficPolicy policy ->
                    policies.put(key, new TrafficVerdicts(mesh, said.routes()).of(policy));
                case BackendTlsPolicyResource policy ->
                    backends.put(key, BackendTlsVerdicts.preview(mesh, said.routes(), policy));
                case ServiceResource _, ServiceEntryResource _ ->
                    binding(resource).ifPresent(one -> bindings.put(key, bound(one)));
                case AuthorizationPolicy _, PeerAuthentication _, RequestAuthentication _ ->
                    policies.put(key, new PolicyVerdicts(mesh).of(resource, translated(resource)));
                default -> {
                  // Nothing is said of it.
                }
              }
            });
    return new Said(
        policies,
        routes,
        gateways,
        sets,
        backends,
        bindings,
        reading.errors().isEmpty() ? Map.of() : Map.of(origin, reading.errors()),
        reading.notices().isEmpty() ? Map.of() : Map.of(origin, reading.notices()));
  }

  private GatewayVerdicts listeners() {
    return new GatewayVerdicts(mesh, Map.of(), false);
  }

  /** It is the youngest of its Gateway's unless it is there already. */
  private Map<ResourceKey, ListenerSetVerdict> preview(
      GatewayResource gateway, ListenerSetResource set) {
    List<ListenerSetResource> others =
        mesh.listenerSets(gateway).stream()
            .filter(other -> !other.key().equals(set.key()))
            .toList();
    return listeners()
        .judge(gateway, Stream.concat(others.stream(), Stream.of(set)).toList())
        .sets();
  }

  /** What the translation would find in a policy among the others. */
  private List<TranslationNotice> translated(Resource policy) {
    List<Resource> all =
        Stream.concat(
                mesh.policies().filter(one -> !one.key().equals(policy.key())), Stream.of(policy))
            .toList();
    return MeshPolicies.of(all, rootNamespaces).notices().stream()
        .filter(notice -> notice.policy().equals(policy.key()))
        .toList();
  }

  /** Whether a condition is bad news, and does not just follow from others. */
  public static boolean isNews(Condition condition) {
    return Say.isBad(condition) && !condition.type().equals(Say.PROGRAMMED);
  }

  private Said judge() {
    Map<ResourceKey, List<Attachment>> routes = new HashMap<>();
    RouteVerdicts ofRoutes = new RouteVerdicts(mesh);
    mesh.routes().forEach(route -> routes.put(route.key(), ofRoutes.of(route)));
    GatewayVerdicts listeners = new GatewayVerdicts(mesh, routes, true).judgeAll();
    return new Said(
        policies(routes),
        routes,
        listeners.gateways(),
        listeners.sets(),
        backendTls(routes),
        bindings(),
        errors.stream().collect(groupingBy(ResourceError::file)),
        unused.stream().collect(groupingBy(ResourceNotice::file)));
  }

  private Map<ResourceKey, List<Condition>> policies(Map<ResourceKey, List<Attachment>> routes) {
    Map<ResourceKey, List<TranslationNotice>> byPolicy =
        notices.stream().collect(groupingBy(TranslationNotice::policy));
    Map<ResourceKey, List<Condition>> policies = new HashMap<>();
    PolicyVerdicts verdicts = new PolicyVerdicts(mesh);
    mesh.policies()
        .forEach(
            policy ->
                policies.put(
                    policy.key(),
                    verdicts.of(policy, byPolicy.getOrDefault(policy.key(), List.of()))));
    TrafficVerdicts traffic = new TrafficVerdicts(mesh, routes);
    mesh.trafficPolicies().forEach(policy -> policies.put(policy.key(), traffic.of(policy)));
    return policies;
  }

  private Map<ResourceKey, BackendTlsVerdict> backendTls(
      Map<ResourceKey, List<Attachment>> routes) {
    BackendTlsVerdicts verdicts = new BackendTlsVerdicts(mesh, routes);
    Map<ResourceKey, BackendTlsVerdict> all = new HashMap<>();
    mesh.backendTlsPolicies().forEach(policy -> all.put(policy.key(), verdicts.of(policy)));
    return all;
  }

  private Map<ResourceKey, Condition> bindings() {
    Map<ResourceKey, Condition> bindings = new HashMap<>();
    mesh.services()
        .forEach(
            service ->
                binding(service).ifPresent(binding -> bindings.put(service.key(), bound(binding))));
    return bindings;
  }

  private Optional<Binding> binding(Resource service) {
    return service instanceof ServiceEntryResource entry
        ? mesh.bindings().ofServiceEntry(entry.metadata(), entry.hosts())
        : mesh.bindings().ofService(service.metadata());
  }

  /** In Istio's words, whose condition it is. */
  private static Condition bound(Binding binding) {
    return binding
        .problem()
        .map(problem -> Say.no(Bound.TYPE, "WaypointUnavailable", problem))
        .orElseGet(
            () ->
                Say.yes(
                    Bound.TYPE,
                    "WaypointAccepted",
                    "Successfully attached to waypoint " + binding.waypoint()));
  }
}
