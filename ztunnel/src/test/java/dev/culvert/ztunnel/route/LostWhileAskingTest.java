// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static dev.culvert.ztunnel.xds.Resources.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.Resource;
import io.grpc.Status;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Connections that ask while the control plane does not answer. */
final class LostWhileAskingTest extends OnDemandCase {
  @Test
  void noAnswerRefuses() throws Exception {
    greet();
    CompletableFuture<Route> route = route(POD, Duration.ofMillis(200));

    assertThat(route.get())
        .isInstanceOfSatisfying(
            Route.Refused.class,
            refused -> assertThat(refused.reason()).contains("/198.18.0.2", "xds-on-demand"));
  }

  @Test
  void controlPlaneLostWhileAskingIsAskedAgain() throws Exception {
    greet();
    CompletableFuture<Route> route = route(POD);
    nextNames();
    stream.end(Status.UNAVAILABLE.asRuntimeException());
    stream = controlPlane.nextStream();
    DeltaDiscoveryRequest first = stream.nextRequest();
    assertThat(first.getResourceNamesSubscribeList()).containsExactlyInAnyOrder("*", "/198.18.0.2");
    assertThat(first.getResourceNamesUnsubscribeList()).containsExactly("*");
    stream.nextRequest();
    tell(named(resource(pod("shop", "web", "198.18.0.2").setNode("two")), "/198.18.0.2"));

    assertThat(route.get()).isInstanceOf(Route.Hbone.class);
  }

  @Test
  void comesBackWithNamesAndVersions() throws Exception {
    greet();
    CompletableFuture<Route> route = route(VIP);
    nextNames();
    Resource web = named(resource(service("shop", "web", "198.19.0.1")), "/198.19.0.1");
    Resource one = endpoint("web-1", "198.18.0.3", WEB);
    tell(web, one);
    route.get();
    stream.end(Status.UNAVAILABLE.asRuntimeException());
    DeltaDiscoveryRequest first = controlPlane.nextStream().nextRequest();

    assertThat(first.getResourceNamesSubscribeList())
        .containsExactlyInAnyOrder("*", "/198.19.0.1", WEB, one.getName());
    assertThat(first.getInitialResourceVersionsMap())
        .containsOnly(Map.entry(WEB, web.getVersion()), Map.entry(one.getName(), one.getVersion()));
  }

  @Test
  void withoutTheControlPlaneTheLastAnswersStayGood() throws Exception {
    greet();
    CompletableFuture<Route> route = route(POD);
    nextNames();
    stream.push(missing("n1", "/198.18.0.2"));
    route.get();
    controlPlane.stop();

    assertThat(route(POD).get()).isInstanceOf(Route.Plaintext.class);
    assertThat(route(VIP, Duration.ofMillis(200)).get()).isInstanceOf(Route.Refused.class);
    controlPlane.listen(ca);
  }
}
