// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import com.sun.net.httpserver.HttpExchange;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the roles of one name let the bearer of one token do; anybody else may do everything. */
final class BoundToken {
  private static final String RBAC = "rbac.authorization.k8s.io/v1";

  private final ObjectStore store;
  private final List<String> forbidden = new ArrayList<>();
  private String bearer = "";
  private String role = "";

  BoundToken(ObjectStore store) {
    this.store = store;
  }

  synchronized void bind(String token, String roles) {
    bearer = "Bearer " + token;
    role = roles;
  }

  /** What was asked for by the bound token and not allowed. */
  synchronized List<String> forbidden() {
    return List.copyOf(forbidden);
  }

  /** Why a request is forbidden; empty when it is not. */
  synchronized Optional<String> refusal(HttpExchange exchange, ApiPath path) {
    String token = exchange.getRequestHeaders().getFirst("Authorization");
    String method = exchange.getRequestMethod();
    if (bearer.isEmpty() || !bearer.equals(token) || roles().allows(method, path)) {
      return Optional.empty();
    }
    forbidden.add(AccessControl.refusal(role, method, path));
    return Optional.of(forbidden.getLast());
  }

  private AccessControl roles() {
    List<GenericKubernetesResource> roles =
        Stream.of("clusterroles", "roles")
            .flatMap(plural -> store.all(ServedKinds.collection(RBAC, plural)).stream())
            .filter(one -> one.getMetadata().getName().equals(role))
            .toList();
    return new AccessControl(roles);
  }
}
