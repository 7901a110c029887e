// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.authz;

import static dev.culvert.ztunnel.xds.Resources.denyAll;
import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.push;
import static dev.culvert.ztunnel.xds.Resources.remove;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.authz.OpenConnections.Side;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.xds.Workload;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PolicyWatchTest {
  private static final ConnectionFacts FACTS =
      new ConnectionFacts(
          Optional.of(SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/client")),
          InetAddress.ofLiteral("198.18.0.9"),
          InetAddress.ofLiteral("198.18.0.1"),
          80);

  private final MeshStore mesh = new MeshStore("Kubernetes", "");
  private final PolicyAuthorizer authorizer = new PolicyAuthorizer(mesh);
  private final Queue<Verdict.Deny> closed = new ConcurrentLinkedQueue<>();
  private PolicyWatch watch;

  @BeforeEach
  void start() {
    push(mesh, resource(pod("shop", "web", "198.18.0.1")));
    watch = new PolicyWatch(mesh, authorizer);
  }

  @AfterEach
  void stop() {
    watch.close();
  }

  @Test
  void allowedWithoutPolicy() {
    assertThat(authorizer.decide(web(), FACTS).isAllowed()).isTrue();
  }

  @Test
  void closesWhatANewPolicyForbids() {
    watch.track(Side.DESTINATION, web(), FACTS, closed::add);
    push(mesh, resource(denyAll("shop", "nobody")));

    Await.until("the connection to be closed", () -> closed.size() == 1);
    assertThat(watch.size()).isZero();
  }

  @Test
  void closesWhatAPolicyNamedOnTheWorkloadForbids() {
    watch.track(Side.DESTINATION, web(), FACTS, closed::add);
    push(mesh, resource(pod("shop", "web", "198.18.0.1").addAuthorizationPolicies("shop/late")));

    Await.until("the connection to be closed", () -> closed.size() == 1);
    assertThat(closed.element())
        .isEqualTo(
            new Verdict.Deny(Optional.of(new PolicyKey("shop", "late")), Verdict.Reason.MISSING));
  }

  @Test
  void closedAtOnceWhenPolicyCameInBetween() {
    Workload web = web();
    push(mesh, resource(denyAll("shop", "nobody")));
    watch.track(Side.DESTINATION, web, FACTS, closed::add);

    assertThat(closed).hasSize(1);
  }

  @Test
  void keepsWhatPolicyAllows() {
    watch.track(Side.DESTINATION, web(), FACTS, closed::add);
    push(mesh, resource(denyAll("other", "nobody")));
    push(mesh, resource(denyAll("elsewhere", "nobody")));
    push(mesh, resource(pod("shop", "db", "198.18.0.2")));
    OpenConnections.Tracked forbidden = watch.track(Side.DESTINATION, db(), FACTS, deny -> {});
    forbidden.close();
    push(mesh, resource(denyAll("shop", "nobody")));

    Await.until("the first to be closed", () -> closed.size() == 1);
    assertThat(watch.size()).isZero();
  }

  @Test
  void judgedAsLastKnownWhenTheWorkloadIsGone() {
    push(mesh, resource(denyAll("shop", "nobody")));
    remove(mesh, "shop/nobody");
    watch.track(Side.DESTINATION, web(), FACTS, closed::add);
    remove(mesh, "Kubernetes//Pod/shop/web");
    push(mesh, resource(denyAll("shop", "nobody")));

    Await.until("the connection to be closed", () -> closed.size() == 1);
  }

  @Test
  void endedConnectionIsNotWatched() {
    OpenConnections.Tracked tracked = watch.track(Side.DESTINATION, web(), FACTS, closed::add);
    tracked.close();
    tracked.close();

    assertThat(watch.size()).isZero();
  }

  @Test
  void sourceClosesWhatPolicyForbids() {
    watch.track(Side.SOURCE, web(), FACTS, closed::add);
    push(mesh, resource(denyAll("shop", "nobody")));

    Await.until("the connection to be closed", () -> closed.size() == 1);
  }

  @Test
  void sourceLeavesToTheDestinationWhatItCannotJudge() {
    push(mesh, resource(pod("shop", "web", "198.18.0.1").addAuthorizationPolicies("shop/late")));
    watch.track(Side.SOURCE, web(), FACTS, closed::add);

    assertThat(closed).isEmpty();
    watch.track(Side.DESTINATION, web(), FACTS, closed::add);
    assertThat(closed).hasSize(1);
  }

  private Workload web() {
    return mesh.workload("shop", "web").orElseThrow();
  }

  private Workload db() {
    return mesh.workload("shop", "db").orElseThrow();
  }
}
