// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import dev.culvert.controlplane.source.kubernetes.ApiServer.Token;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Says whose a ServiceAccount's token is (authentication.k8s.io/v1 TokenReview). */
final class TokenReviews {
  private final Map<String, Token> tokens = new ConcurrentHashMap<>();
  private volatile boolean deafToAudiences;

  void issue(String secret, Token token) {
    tokens.put(secret, token);
  }

  void revoke(String secret) {
    tokens.remove(secret);
  }

  void ignoreAudiences() {
    deafToAudiences = true;
  }

  Reply review(String body) {
    TokenReview review = Reply.JSON.unmarshal(body, TokenReview.class);
    review.setStatus(
        status(tokens.get(review.getSpec().getToken()), review.getSpec().getAudiences()));
    return Reply.of(201, review);
  }

  private TokenReviewStatus status(Token token, List<String> audiences) {
    boolean good = token != null && (deafToAudiences || audiences.contains(token.audience()));
    TokenReviewStatus status = new TokenReviewStatus();
    status.setAuthenticated(good);
    if (good) {
      status.setAudiences(deafToAudiences ? List.of() : List.of(token.audience()));
      status.setUser(user(token));
    } else {
      status.setError("invalid bearer token");
    }
    return status;
  }

  private static UserInfo user(Token token) {
    Map<String, List<String>> extra = new HashMap<>();
    if (!token.pod().isEmpty()) {
      extra.put("authentication.kubernetes.io/pod-name", List.of(token.pod()));
      extra.put("authentication.kubernetes.io/pod-uid", List.of(token.uid()));
      extra.put("authentication.kubernetes.io/node-name", List.of(token.node()));
    }
    UserInfo user = new UserInfo();
    user.setUsername("system:serviceaccount:" + token.account());
    user.setExtra(extra);
    return user;
  }
}
