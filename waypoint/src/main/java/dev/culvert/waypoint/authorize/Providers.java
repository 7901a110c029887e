// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.ConfigMapResource;
import dev.culvert.policy.resource.ExtensionProvider;
import dev.culvert.policy.resource.ExtensionProvider.Grpc;
import dev.culvert.policy.resource.ExtensionProvider.Http;
import dev.culvert.policy.resource.ExtensionProvider.ServiceAddress;
import dev.culvert.policy.resource.Resources;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.route.Backends;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Who may be asked for CUSTOM policies, as the mesh's configuration names them. Any thread. */
public final class Providers {
  private final List<String> rootNamespaces;
  private final Map<String, Provider> byName = new HashMap<>();
  private final Set<String> problems = ConcurrentHashMap.newKeySet();

  private Providers() {
    this.rootNamespaces = List.of();
  }

  /** Nobody. */
  public static Providers none() {
    return new Providers();
  }

  /**
   * @param backends the services that they are
   * @param rootNamespaces where the mesh's configuration is
   */
  public Providers(
      Resources files, Backends backends, Inquiries inquiries, List<String> rootNamespaces) {
    this.rootNamespaces = rootNamespaces;
    files
        .resources(ConfigMapResource.class)
        .filter(one -> rootNamespaces.contains(one.metadata().namespace()))
        .flatMap(one -> one.providers().stream())
        .forEach(one -> provider(one, backends, inquiries).ifPresent(this::add));
  }

  private Optional<Provider> provider(
      ExtensionProvider settings, Backends backends, Inquiries inquiries) {
    ServiceAddress at = settings.service();
    Optional<Destination> destination = backends.destination(at.namespace(), at.name(), at.port());
    if (destination.isEmpty()) {
      problems.add(
          "extension provider '%s': there is no Service %s/%s with port %d"
              .formatted(settings.name(), at.namespace(), at.name(), at.port()));
    }
    return destination.map(
        to -> new Provider(settings, to, inquiries, language(settings, to.hostname())));
  }

  /** What is wrong with them, and with the policies that were asked for so far. */
  public List<String> problems() {
    return problems.stream().sorted().toList();
  }

  private static Provider.Language language(ExtensionProvider settings, String authority) {
    return switch (settings.protocol()) {
      case Grpc _ -> new GrpcLanguage(settings, authority);
      case Http http -> new HttpLanguage(http);
    };
  }

  private void add(Provider provider) {
    byName.put(provider.settings().name(), provider);
  }

  /**
   * What these policies make of requests, in the order in which it counts; nothing for none.
   *
   * @param forwardedFor who tells where a client is
   */
  public List<Phase> phases(Collection<AuthorizationPolicy> policies, ForwardedFor forwardedFor) {
    RequestPolicies compiled = RequestPolicies.of(policies);
    List<Phase> phases = new ArrayList<>(2);
    if (compiled.asks()) {
      policies.forEach(this::tellIfUnknown);
      phases.add(new AskProviders(compiled, byName, forwardedFor));
    }
    if (!compiled.isEmpty()) {
      phases.add(new Authorize(compiled, forwardedFor));
    }
    return phases;
  }

  private void tellIfUnknown(AuthorizationPolicy policy) {
    policy
        .provider()
        .filter(name -> !byName.containsKey(name))
        .ifPresent(
            name ->
                problems.add(
                    "%s: there is no provider '%s' among the extensionProviders of ConfigMap istio or culvert of %s; what it is for is denied"
                        .formatted(policy.key(), name, String.join(" or ", rootNamespaces))));
  }
}
