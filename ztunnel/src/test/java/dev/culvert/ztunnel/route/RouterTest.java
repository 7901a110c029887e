// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.capture.TestWorkloads;
import dev.culvert.ztunnel.transport.PodNetwork;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.transport.Transport;
import dev.culvert.ztunnel.transport.TransportChoice;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.Workload;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where connections to pods and services of the same network go. */
final class RouterTest extends RouterCase {
  @Test
  void unknownDestinationPassesAsPlaintext() {
    assertThat(route("198.18.9.9", 443))
        .isEqualTo(new Route.Plaintext(to("198.18.9.9", 443), Optional.empty(), Optional.empty()));
  }

  @Test
  void podByAddressGoesThroughItsTunnel() {
    Workload web = TestWorkloads.pod("web", "two", ip("198.18.0.2"));
    mesh.put(web);
    Route.Hbone route = (Route.Hbone) route("198.18.0.2", 8080);
    assertThat(route.tunnel()).isEqualTo(to("198.18.0.2", 15008));
    assertThat(route.target()).isEqualTo(to("198.18.0.2", 8080));
    assertThat(route.expected()).containsExactly(web.identity());
  }

  @Test
  void podWithoutTunnelGetsPlaintext() {
    Workload old = TestWorkloads.plain("old", "two", ip("198.18.0.3"));
    mesh.put(old);
    assertThat(route("198.18.0.3", 80))
        .isEqualTo(new Route.Plaintext(to("198.18.0.3", 80), Optional.of(old), Optional.empty()));
  }

  @Test
  void serviceGoesToTargetPortOfAnEndpoint() {
    service(false, Optional.empty());
    Workload web = endpoint("web-1", "198.18.0.4", new ServicePort(80, 9090));
    Route.Hbone route = (Route.Hbone) route("198.18.100.1", 80);
    assertThat(route.target()).isEqualTo(to("198.18.0.4", 9090));
    assertThat(route.expected()).containsExactlyInAnyOrder(web.identity(), SPARE);
    assertThat(route.service().orElseThrow().key()).isEqualTo(WEB);
  }

  @Test
  void endpointsShareByCapacity() {
    service(false, Optional.empty());
    endpoint("web-1", "198.18.0.4", new ServicePort(80, 9090));
    endpoint("web-2", "198.18.0.5", new ServicePort(80, 9090));
    int first = 0;
    for (int i = 0; i < 1_000; i++) {
      Route.Hbone route = (Route.Hbone) route("198.18.100.1", 80);
      first += route.target().getAddress().equals(ip("198.18.0.4")) ? 1 : 0;
    }
    assertThat(first).isBetween(400, 600);
  }

  @Test
  void serviceWithoutEndpointOrPortRefused() {
    service(false, Optional.empty());
    assertThat(route("198.18.100.1", 80)).isInstanceOf(Route.Refused.class);
    endpoint("web-1", "198.18.0.4", new ServicePort(80, 9090));
    Route.Refused refused = (Route.Refused) route("198.18.100.1", 81);
    assertThat(refused.reason()).contains(WEB).contains("no port 81");
  }

  @Test
  void passthroughServiceWithoutEndpointGoesAsAsked() {
    service(true, Optional.empty());
    assertThat(route("198.18.100.1", 80)).isInstanceOf(Route.Plaintext.class);
  }

  @Test
  void familyOfTheServiceAddressIsKept() {
    service(false, Optional.empty());
    mesh.put(TestWorkloads.pod("client", "one", ip("198.18.0.1"), ip("fd00:c01::1")));
    client = mesh.workload("shop", "client").orElseThrow();
    endpoint("dual", "two", ip("198.18.0.6"), ip("fd00:c01::6"));
    assertThat(((Route.Hbone) route("fd00:c01::100", 80)).target())
        .isEqualTo(to("fd00:c01::6", 9090));
    assertThat(((Route.Hbone) route("198.18.100.1", 80)).target())
        .isEqualTo(to("198.18.0.6", 9090));
  }

  @Test
  void neighbourReachedInItsNamespace() {
    Workload web = TestWorkloads.pod("web", "one", ip("198.18.0.2"));
    mesh.put(web);
    PodSockets sockets =
        new PodSockets(Transport.select(TransportChoice.NIO), PodNetwork.STANDARD, netns, null);
    local.put(web.uid(), sockets);
    Route.SameNode route = (Route.SameNode) route("198.18.0.2", 8080);
    assertThat(route.sockets()).isSameAs(sockets);
  }

  @Test
  void passthroughServiceGoesPastItsEndpointsButNotPastATunnel() {
    service(true, Optional.empty());
    endpoint("web-1", "198.18.0.4", new ServicePort(80, 9090));
    assertThat(route("198.18.100.1", 81)).isInstanceOf(Route.Plaintext.class);
    mesh.put(TestWorkloads.pod("holder", "two", ip("198.18.100.1")));
    assertThat(((Route.Hbone) route("198.18.100.1", 81)).target())
        .isEqualTo(to("198.18.100.1", 81));
  }

  @Test
  void proxysOwnPortsRefused() {
    for (int port : new int[] {15001, 15006, 15008}) {
      assertThat(route("127.0.0.1", port)).isInstanceOf(Route.Refused.class);
      assertThat(route("::1", port)).isInstanceOf(Route.Refused.class);
      assertThat(route("198.18.0.1", port)).isInstanceOf(Route.Refused.class);
      mesh.put(TestWorkloads.pod("web", "two", ip("198.18.0.2")));
      assertThat(route("198.18.0.2", port)).isInstanceOf(Route.Refused.class);
      assertThat(route("198.18.9.9", port)).isInstanceOf(Route.Plaintext.class);
    }
  }
}
