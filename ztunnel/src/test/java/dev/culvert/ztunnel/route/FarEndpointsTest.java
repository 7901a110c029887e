// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.capture.TestWorkload;
import dev.culvert.ztunnel.xds.GatewayAddress;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.Workload;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Endpoints of other networks, and outside of the cluster. */
final class FarEndpointsTest extends RouterCase {
  @Test
  void endpointOfAnotherNetworkIsReachedThroughItsGateway() {
    service(false, Optional.empty());
    Workload gateway = new TestWorkload("gateway").in("far").at(ip("203.0.113.1")).build();
    mesh.put(gateway);
    Workload far =
        new TestWorkload("web")
            .in("far")
            .at(ip("198.18.0.1"))
            .behind(WEB, new ServicePort(80, 9090))
            .gateway(new GatewayAddress.ByIp("far", ip("203.0.113.1"), 15009))
            .build();
    mesh.put(far);
    Route.DoubleHbone route = (Route.DoubleHbone) route("198.18.100.1", 80);
    assertThat(route.tunnel()).isEqualTo(to("203.0.113.1", 15009));
    assertThat(route.target())
        .isEqualTo(InetSocketAddress.createUnresolved("web.shop.svc.cluster.local", 80));
    assertThat(route.gatewayExpected()).containsExactly(gateway.identity());
    assertThat(route.expected()).containsExactlyInAnyOrder(far.identity(), SPARE);
  }

  @Test
  void unknownGatewayRefused() {
    service(false, Optional.empty());
    mesh.put(
        new TestWorkload("web")
            .in("far")
            .at(ip("198.18.0.9"))
            .behind(WEB, new ServicePort(80, 9090))
            .gateway(new GatewayAddress.ByIp("far", ip("203.0.113.1"), 15008))
            .build());
    assertThat(((Route.Refused) route("198.18.100.1", 80)).reason()).contains("gateway", "far");
  }

  @Test
  void endpointOfAnotherNetworkWithoutGatewayIsNone() {
    service(false, Optional.empty());
    mesh.put(
        new TestWorkload("web")
            .in("far")
            .at(ip("198.18.0.9"))
            .behind(WEB, new ServicePort(80, 9090))
            .build());
    assertThat(route("198.18.100.1", 80)).isInstanceOf(Route.Refused.class);
    assertThat(route("198.18.0.9", 80)).isInstanceOf(Route.Plaintext.class);
  }

  @Test
  void endpointOutsideTheClusterGetsPlaintext() {
    service(false, Optional.empty());
    mesh.put(
        new TestWorkload("vm")
            .plain()
            .at(ip("198.18.0.200"))
            .behind(WEB, new ServicePort(80, 8443))
            .build());
    assertThat(((Route.Plaintext) route("198.18.100.1", 80)).target())
        .isEqualTo(to("198.18.0.200", 8443));
  }

  @Test
  void endpointKnownByNameOnlyIsToBeResolved() {
    service(false, Optional.empty());
    mesh.put(
        new TestWorkload("api")
            .plain()
            .at()
            .named("api.example.com")
            .behind(WEB, new ServicePort(80, 8443))
            .build());
    assertThat(((Route.Plaintext) route("198.18.100.1", 80)).target())
        .isEqualTo(InetSocketAddress.createUnresolved("api.example.com", 8443));
  }
}
