// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

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
import java.util.Optional;
import java.util.Set;

/**
 * Tokens of ServiceAccounts, told by the API server (TokenReview, authentication.k8s.io/v1). One is
 * taken when it is for us, of an account that node proxies have, and bound to a pod that runs: the
 * node of that pod is the node that calls. A token that was copied from the pod dies with it.
 */
public final class TokenReviews implements Callers {
  private static final String POD_NAME = "authentication.kubernetes.io/pod-name";
  private static final String POD_UID = "authentication.kubernetes.io/pod-uid";
  private static final String NODE_NAME = "authentication.kubernetes.io/node-name";
  private static final String ACCOUNT = "system:serviceaccount:";

  private final KubernetesClient client;
  private final List<String> audiences;
  private final Set<String> accounts;
  private final NodeLookup nodes;

  /**
   * @param audiences one of these must be the token's; a token for something else, as the API
   *     server, could have been taken from anywhere it is used
   * @param accounts of node proxies, as {@code NAMESPACE/NAME}
   */
  public TokenReviews(
      KubernetesClient client,
      Collection<String> audiences,
      Collection<String> accounts,
      NodeLookup nodes) {
    this.client = client;
    this.audiences = List.copyOf(audiences);
    this.accounts = Set.copyOf(accounts);
    this.nodes = nodes;
  }

  @Override
  public String node(String token) throws RefusedCallerException {
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
    return node(account, pod, uid, extra(user, NODE_NAME));
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

  private String account(UserInfo user) throws RefusedCallerException {
    String name = user.getUsername() == null ? "" : user.getUsername();
    String account =
        name.startsWith(ACCOUNT) ? name.substring(ACCOUNT.length()).replace(':', '/') : name;
    if (!name.startsWith(ACCOUNT) || !accounts.contains(account)) {
      throw RefusedCallerException.denied(
          "%s is no account of node proxies; see setting node-accounts"
              .formatted(OneLine.of(account)));
    }
    return account;
  }

  private String node(String account, String pod, String uid, String said)
      throws RefusedCallerException {
    String namespace = account.substring(0, account.indexOf('/'));
    Optional<String> node = nodes.nodeOf(namespace, pod, uid);
    if (node.isEmpty() || node.get().isEmpty()) {
      throw RefusedCallerException.denied(
          "pod %s/%s of the token is not running".formatted(namespace, OneLine.of(pod)));
    }
    if (!said.isEmpty() && !said.equals(node.get())) {
      throw RefusedCallerException.denied(
          "the token is bound to node %s and its pod runs on %s"
              .formatted(OneLine.of(said), node.get()));
    }
    return node.get();
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
