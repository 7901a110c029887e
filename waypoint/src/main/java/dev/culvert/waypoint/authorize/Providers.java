// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.ConfigMapResource;
import dev.culvert.policy.resource.ExtensionProvider;
import dev.culvert.policy.resource.ExtensionProvider.ServiceAddress;
import dev.culvert.policy.resource.Resources;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.route.Backends;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who may be asked for CUSTOM policies, as the mesh's configuration names them. On the thread that
 * compiles.
 */
public final class Providers {
  private final List<String> rootNamespaces;
  private final Map<String, Provider> byName = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

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
   * @param kept of those of before
   */
  public Providers(
      Resources files,
      Backends backends,
      Inquiries inquiries,
      List<String> rootNamespaces,
      Kept kept) {
    this.rootNamespaces = rootNamespaces;
    files
        .resources(ConfigMapResource.class)
        .filter(one -> rootNamespaces.contains(one.metadata().namespace()))
        .flatMap(one -> one.providers().stream())
        .forEach(one -> provider(one, backends, inquiries, kept).ifPresent(this::add));
  }

  private Optional<Provider> provider(
      ExtensionProvider settings, Backends backends, Inquiries inquiries, Kept kept) {
    ServiceAddress at = settings.service();
    Optional<Destination> destination = backends.destination(at.namespace(), at.name(), at.port());
    if (destination.isEmpty()) {
      problems.add(
          "extension provider '%s': there is no Service %s/%s with port %d"
              .formatted(settings.name(), at.namespace(), at.name(), at.port()));
    }
    return destination.map(to -> kept.of(new ProviderOf(settings, to, inquiries), problems));
  }

  /** What is wrong with them, and with the policies that were asked for so far. */
  public List<String> problems() {
    return problems.stream().sorted().distinct().toList();
  }

  private void add(Provider provider) {
    byName.put(provider.settings().name(), provider);
  }

  /**
   * What these policies make of requests, in the order in which it counts; nothing for none.
   *
   * @param about what they are for
   * @param forwardedFor who tells where a client is
   * @param keptThere of what that comes to
   */
  public List<Phase> phases(
      Object about, List<AuthorizationPolicy> policies, ForwardedFor forwardedFor, Kept keptThere) {
    String unknown =
        "%%s: there is no provider '%%s' among the extensionProviders of ConfigMap istio or culvert of %s; what it is for is denied"
            .formatted(String.join(" or ", rootNamespaces));
    return keptThere.of(
        new AuthorizedBy(about, policies, Map.copyOf(byName), forwardedFor, unknown), problems);
  }
}
