// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.translate;

import com.google.protobuf.Empty;
import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.wire.security.Action;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.policy.wire.security.Clause;
import dev.culvert.policy.wire.security.Match;
import dev.culvert.policy.wire.security.Rule;
import dev.culvert.policy.wire.security.Scope;
import dev.culvert.policy.wire.security.StringMatch;
import java.util.List;

/** Policies that deny peers without an identity. */
final class StrictMtls {
  private static final String EVERY_PORT = "culvert_static_strict";

  private StrictMtls() {}

  static PolicyKey everyPortKey(String rootNamespace) {
    return new PolicyKey(rootNamespace, EVERY_PORT);
  }

  static Authorization everyPort(String rootNamespace) {
    return deny(everyPortKey(rootNamespace), noIdentity());
  }

  static Authorization everyPortBut(PolicyKey key, List<Integer> ports) {
    return deny(key, noIdentity().addAllNotDestinationPorts(ports));
  }

  static Authorization ports(PolicyKey key, List<Integer> ports) {
    return deny(key, noIdentity().addAllDestinationPorts(ports));
  }

  private static Match.Builder noIdentity() {
    StringMatch any = StringMatch.newBuilder().setPresence(Empty.getDefaultInstance()).build();
    return Match.newBuilder().addNotPrincipals(any);
  }

  private static Authorization deny(PolicyKey key, Match.Builder match) {
    return Authorization.newBuilder()
        .setName(key.name())
        .setNamespace(key.namespace())
        .setScope(Scope.WORKLOAD_SELECTOR)
        .setAction(Action.DENY)
        .addRules(Rule.newBuilder().addClauses(Clause.newBuilder().addMatches(match)))
        .build();
  }
}
