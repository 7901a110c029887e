// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import dev.culvert.policy.resource.ExtensionProvider;
import dev.culvert.policy.resource.ExtensionProvider.Grpc;
import dev.culvert.policy.resource.ExtensionProvider.Http;
import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.plan.Destination;
import java.util.List;

/** A provider, and where it is. */
record ProviderOf(ExtensionProvider settings, Destination destination, Inquiries inquiries)
    implements Piece<Provider> {
  @Override
  public Object about() {
    return settings.name();
  }

  @Override
  public Provider make(List<String> problems) {
    return new Provider(settings, destination, inquiries, language());
  }

  private Provider.Language language() {
    return switch (settings.protocol()) {
      case Grpc grpc -> new GrpcLanguage(settings, grpc, destination.hostname());
      case Http http -> new HttpLanguage(http);
    };
  }
}
