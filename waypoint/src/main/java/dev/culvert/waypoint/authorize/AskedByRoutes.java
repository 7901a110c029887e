// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.authz.request.Question;
import dev.culvert.policy.resource.ExtensionProvider;
import dev.culvert.policy.resource.HttpRouteFilter;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.route.Authorizers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Has filters of routes ask as CUSTOM policies do (Gateway API, HTTPExternalAuthFilter, GEP-1494).
 * Nothing goes on that could not be asked about.
 */
public record AskedByRoutes(Inquiries inquiries) implements Authorizers {
  /** The specification has no field for it. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static final int FORBIDDEN = 403;

  @Override
  public Phase asking(HttpRouteFilter.ExternalAuth filter, Destination decider, PolicyKey route) {
    Optional<ExtensionProvider.Body> body =
        filter.mostBody() == 0
            ? Optional.empty()
            : Optional.of(new ExtensionProvider.Body(filter.mostBody(), false, false));
    ExtensionProvider settings =
        new ExtensionProvider(
            decider.toString(),
            new ExtensionProvider.ServiceAddress(
                decider.namespace(), decider.service(), decider.port()),
            TIMEOUT,
            false,
            FORBIDDEN,
            body,
            filter.protocol());
    return new AskForRoute(
        new Question(route, settings.name()),
        new ProviderOf(settings, decider, inquiries).make(List.of()));
  }
}
