// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.ztunnel.xds.AppProtocol;
import dev.culvert.ztunnel.xds.RoutingPreference;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.ServicePort;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** What a connection asks for: port 80 of a service of namespace shop. */
final class AskedService {
  private AskedService() {}

  static Asked of(String service) {
    Service one =
        new Service(
            "shop",
            service,
            service + ".shop.svc.cluster.local",
            List.of(),
            List.of(),
            List.of(),
            RoutingPreference.none(),
            false,
            Optional.empty(),
            List.of(),
            false,
            false,
            false,
            Service.Families.ANY);
    return new Asked.OfService(
        one, new ServicePort(80, 80, AppProtocol.HTTP1), new InetSocketAddress("198.18.0.1", 80));
  }
}
