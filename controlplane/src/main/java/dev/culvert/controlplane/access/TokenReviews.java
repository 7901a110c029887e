// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.text.OneLine;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tokens of ServiceAccounts, told by the API server (TokenReview, authentication.k8s.io/v1). One is
 * taken when it is for us and bound to a pod that runs. That pod is of an account that node proxies
 * have, and its node is who calls, or it is a pod of a waypoint or front door, which calls for
 * itself. A token that was copied from a pod dies with it.
 */
public final class TokenReviews implements Callers {
  private static final String POD_NAME = "authentication.kubernetes.io/pod-name";
  private static final String POD_UID = "authentication.kubernetes.io/pod-uid";
  private static final String NODE_NAME = "authentication.kubernetes.io/node-name";
  private static final String ACCOUNT = "system:serviceaccount:";

  private final KubernetesClient client;
  private final List<String> audiences;
  private final Set<String> accounts;
  private final PodLookup pods;

  /**
   * @param audiences one of these must be the token's; a token for something else, as the API
   *     server, could have been taken from anywhere it is used
   * @param accounts of node proxies, as {@code NAMESPACE/NAME}
   */
  public TokenReviews(
      KubernetesClient client,
      Collection<String> audiences,
      Collection<String> accounts,
      PodLookup pods) {
    this.client = client;
    this.audiences = List.copyOf(audiences);
    this.accounts = Set.copyOf(accounts);
    this.pods = pods;
  }

  @Override
  public Caller caller(String token) throws RefusedCallerException {
    TokenReviewStatus status = review(token);
    if (!Boolean.TRUE.equals(status.getAuthenticated()) || status.getUser() == null) {
      throw RefusedCallerException.unauthenticated(
          "the API server does not accept the token" + because(status.getError()));
    }
    refuseOtherAudience(status);
    UserInfo user = status.getUser();
    String account = account(user);
    String pod = extra(user, POD_NAME);
    String uid = extra(user, POD_UID);
    if (pod.isEmpty() || uid.isEmpty()) {
      throw RefusedCallerException.denied(
          "the token of %s is bound to no pod; mount it as a projected volume".formatted(account));
    }
    return caller(account, pod, running(account, pod, uid, extra(user, NODE_NAME)));
  }

  private TokenReviewStatus review(String token) throws RefusedCallerException {
    TokenReview question =
        new TokenReviewBuilder()
            .withNewSpec()
            .withToken(token)
            .withAudiences(audiences)
            .endSpec()
            .build();
    try {
      TokenReviewStatus status = client.tokenReviews().create(question).getStatus();
      return status == null ? new TokenReviewStatus() : status;
    } catch (KubernetesClientException e) {
      throw RefusedCallerException.undecided(
          "the API server does not review tokens now" + because(e.getMessage()));
    }
  }

  /** An API server that does not know audiences answers without one: the token may be for it. */
  private void refuseOtherAudience(TokenReviewStatus status) throws RefusedCallerException {
    List<String> accepted = status.getAudiences() == null ? List.of() : status.getAudiences();
    if (accepted.stream().noneMatch(audiences::contains)) {
      throw RefusedCallerException.unauthenticated(
          "the token is for none of the audiences " + String.join(", ", audiences));
    }
  }

  /** As {@code NAMESPACE/NAME}. */
  private static String account(UserInfo user) throws RefusedCallerException {
    String name = user.getUsername() == null ? "" : user.getUsername();
    if (!name.startsWith(ACCOUNT) || name.indexOf(':', ACCOUNT.length()) < 0) {
      throw RefusedCallerException.denied(
          "%s is no ServiceAccount; node proxies, waypoints and front doors call"
              .formatted(OneLine.of(name)));
    }
    return name.substring(ACCOUNT.length()).replace(':', '/');
  }

  private RunningPod running(String account, String pod, String uid, String said)
      throws RefusedCallerException {
    String namespace = namespace(account);
    RunningPod running =
        pods.find(namespace, pod, one -> one.uid().equals(uid))
            .orElseThrow(
                () ->
                    RefusedCallerException.denied(
                        "pod %s/%s of the token is not running"
                            .formatted(namespace, OneLine.of(pod))));
    if (!said.isEmpty() && !said.equals(running.node())) {
      throw RefusedCallerException.denied(
          "the token is bound to node %s and its pod runs on %s"
              .formatted(OneLine.of(said), running.node()));
    }
    return running;
  }

  private Caller caller(String account, String pod, RunningPod running)
      throws RefusedCallerException {
    if (accounts.contains(account)) {
      return new Caller.Node(running.node());
    }
    String name = account.substring(account.indexOf('/') + 1);
    if (running.waypoint().isEmpty() || !running.account().equals(name)) {
      throw RefusedCallerException.denied(
          ("%s is no account of node proxies (setting node-accounts), and pod %s is no pod of a"
                  + " waypoint or front door: label %s must name a Gateway of such a class in its"
                  + " namespace, and a front door has the ServiceAccount of its Gateway's name")
              .formatted(OneLine.of(account), OneLine.of(pod), GatewayResource.NAME_LABEL));
    }
    return new Caller.Waypoint(running.waypoint().get(), pod, name);
  }

  private static String namespace(String account) {
    return account.substring(0, account.indexOf('/'));
  }

  private static String extra(UserInfo user, String key) {
    Map<String, List<String>> extra = user.getExtra() == null ? Map.of() : user.getExtra();
    List<String> values = extra.getOrDefault(key, List.of());
    return values.size() == 1 ? values.getFirst() : "";
  }

  private static String because(String reason) {
    return reason == null || reason.isEmpty() ? "" : ": " + OneLine.of(reason);
  }
}
