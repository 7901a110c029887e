// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.controlplane.source.kubernetes.ApiServer;
import dev.culvert.controlplane.source.kubernetes.ApiServer.Token;
import dev.culvert.policy.mesh.WaypointName;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Status;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TokenReviewsTest {
  private static final Token GOOD =
      new Token("culvert-system:ztunnel", "istio-ca", "ztunnel-x", "uid-1", "node-1");

  private static final WaypointName STORE = new WaypointName("shop", "store");

  private ApiServer server;
  private KubernetesClient client;
  private TokenReviews reviews;

  @BeforeEach
  void open() throws IOException {
    server = new ApiServer();
    client = server.client();
    Map<String, RunningPod> running =
        Map.of(
            "culvert-system/ztunnel-x",
            new RunningPod("uid-1", "node-1", "ztunnel", Optional.empty()),
            "shop/web-1",
            new RunningPod("uid-2", "node-1", "web", Optional.empty()),
            "shop/store-1",
            new RunningPod("uid-3", "node-1", "store", Optional.of(STORE)));
    reviews =
        new TokenReviews(
            client,
            List.of("istio-ca"),
            List.of("culvert-system/ztunnel"),
            (namespace, pod, expected) ->
                Optional.ofNullable(running.get(namespace + "/" + pod)).filter(expected));
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void tokenOfNodeProxySpeaksForTheNodeOfItsPod() throws Exception {
    server.issue("secret", GOOD);
    assertThat(reviews.caller("secret")).isEqualTo(new Caller.Node("node-1"));
  }

  @Test
  void apiServerThatNamesNoNodeIsBelievedAboutThePod() throws Exception {
    server.issue("secret", new Token(GOOD.account(), "istio-ca", "ztunnel-x", "uid-1", ""));
    assertThat(reviews.caller("secret")).isEqualTo(new Caller.Node("node-1"));
  }

  @Test
  void unknownOrExpiredTokenRefused() {
    refused("nonsense", Status.Code.UNAUTHENTICATED, "does not accept the token");
    server.issue("secret", GOOD);
    server.revoke("secret");
    refused("secret", Status.Code.UNAUTHENTICATED, "invalid bearer token");
    refused("", Status.Code.UNAUTHENTICATED, "does not accept the token");
  }

  @Test
  void tokenForAnotherAudienceRefused() {
    server.issue(
        "secret", new Token(GOOD.account(), "https://kubernetes", "ztunnel-x", "uid-1", "node-1"));
    refused("secret", Status.Code.UNAUTHENTICATED, "does not accept the token");
  }

  @Test
  void apiServerThatIgnoresAudiencesIsNotBelieved() {
    server.issue("secret", GOOD);
    server.ignoreAudiences();
    refused("secret", Status.Code.UNAUTHENTICATED, "for none of the audiences istio-ca");
  }

  @Test
  void otherAccountRefused() {
    server.issue("app", new Token("shop:web", "istio-ca", "web-1", "uid-2", "node-1"));
    refused("app", Status.Code.PERMISSION_DENIED, "shop/web is no account of node proxies");
    server.issue("same", new Token("shop:ztunnel", "istio-ca", "ztunnel-x", "uid-1", "node-1"));
    refused("same", Status.Code.PERMISSION_DENIED, "ztunnel-x of the token is not running");
  }

  @Test
  void tokenOfWaypointPodSpeaksForTheWaypoint() throws Exception {
    server.issue("store", new Token("shop:store", "istio-ca", "store-1", "uid-3", "node-1"));
    assertThat(reviews.caller("store")).isEqualTo(new Caller.Waypoint(STORE, "store-1", "store"));
  }

  @Test
  void deletedPodOfWaypointRefused() {
    server.issue("old", new Token("shop:store", "istio-ca", "store-1", "uid-0", "node-1"));
    refused("old", Status.Code.PERMISSION_DENIED, "store-1 of the token is not running");
  }

  @Test
  void waypointTokenForAnotherAudienceRefused() {
    server.issue("api", new Token("shop:store", "kubernetes", "store-1", "uid-3", "node-1"));
    refused("api", Status.Code.UNAUTHENTICATED, "does not accept the token");
  }

  @Test
  void waypointTokenWithoutPodRefused() {
    server.issue("loose", new Token("shop:store", "istio-ca", "", "", ""));
    refused("loose", Status.Code.PERMISSION_DENIED, "bound to no pod");
  }

  @Test
  void accountThatIsNotThePodsRefused() {
    server.issue("other", new Token("shop:web", "istio-ca", "store-1", "uid-3", "node-1"));
    refused("other", Status.Code.PERMISSION_DENIED, "shop/web is no account of node proxies");
  }

  @Test
  void tokenWithoutPodRefused() {
    server.issue("secret", new Token(GOOD.account(), "istio-ca", "", "", ""));
    refused("secret", Status.Code.PERMISSION_DENIED, "bound to no pod");
  }

  @Test
  void deletedPodRefused() {
    server.issue("gone", new Token(GOOD.account(), "istio-ca", "ztunnel-y", "uid-9", "node-1"));
    refused("gone", Status.Code.PERMISSION_DENIED, "ztunnel-y of the token is not running");
  }

  @Test
  void laterPodOfTheSameNameRefused() {
    server.issue("old", new Token(GOOD.account(), "istio-ca", "ztunnel-x", "uid-0", "node-1"));
    refused("old", Status.Code.PERMISSION_DENIED, "ztunnel-x of the token is not running");
  }

  @Test
  void tokenOfAnotherNodeThanItsPodsRefused() {
    server.issue("moved", new Token(GOOD.account(), "istio-ca", "ztunnel-x", "uid-1", "node-2"));
    refused("moved", Status.Code.PERMISSION_DENIED, "bound to node node-2 and its pod runs on");
  }

  @Test
  void apiServerThatDoesNotAnswerMeansLater() {
    server.issue("secret", GOOD);
    server.refuse("tokenreviews", 403);
    refused("secret", Status.Code.UNAVAILABLE, "does not review tokens now");
  }

  private void refused(String token, Status.Code code, String message) {
    assertThatExceptionOfType(RefusedCallerException.class)
        .isThrownBy(() -> reviews.caller(token))
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.status().getCode()).isEqualTo(code));
  }
}
