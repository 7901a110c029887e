// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import dev.culvert.policy.authz.Verdict.Reason;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.wire.security.Action;
import dev.culvert.policy.wire.security.Address;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.policy.wire.security.Clause;
import dev.culvert.policy.wire.security.Match;
import dev.culvert.policy.wire.security.Rule;
import dev.culvert.policy.wire.security.Scope;
import dev.culvert.policy.wire.security.StringMatch;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The meaning of policies written down once more, of the messages themselves, one by one. */
final class PlainEvaluation {
  private final List<Authorization> policies;

  PlainEvaluation(List<Authorization> policies) {
    this.policies = policies;
  }

  Verdict decide(String namespace, List<PolicyKey> selected, ConnectionFacts facts) {
    List<Authorization> asked = new ArrayList<>();
    add(asked, p -> p.getScope() == Scope.NAMESPACE && p.getNamespace().equals(namespace));
    add(asked, p -> p.getScope() == Scope.GLOBAL);
    selected.forEach(key -> add(asked, p -> key(p).equals(key)));
    asked.removeIf(Authorization::getDryRun);
    for (Authorization policy : asked) {
      if (policy.getAction() == Action.DENY && matches(policy, facts)) {
        return new Verdict.Deny(Optional.of(key(policy)), Reason.DENY_MATCHED);
      }
    }
    for (PolicyKey key : selected) {
      if (policies.stream().noneMatch(p -> key(p).equals(key))) {
        return new Verdict.Deny(Optional.of(key), Reason.MISSING);
      }
    }
    return decideAllow(asked.stream().filter(p -> p.getAction() == Action.ALLOW).toList(), facts);
  }

  private static Verdict decideAllow(List<Authorization> allow, ConnectionFacts facts) {
    for (Authorization policy : allow) {
      if (matches(policy, facts)) {
        return new Verdict.Allow(Optional.of(key(policy)));
      }
    }
    return allow.isEmpty()
        ? new Verdict.Allow(Optional.empty())
        : new Verdict.Deny(Optional.empty(), Reason.NO_ALLOW_MATCHED);
  }

  private void add(List<Authorization> asked, Predicate<Authorization> which) {
    policies.stream().filter(which).forEach(asked::add);
  }

  private static PolicyKey key(Authorization policy) {
    return new PolicyKey(policy.getNamespace(), policy.getName());
  }

  static boolean matches(Authorization policy, ConnectionFacts facts) {
    return policy.getRulesList().stream().anyMatch(rule -> matches(rule, facts));
  }

  private static boolean matches(Rule rule, ConnectionFacts facts) {
    return rule.getClausesList().stream().allMatch(clause -> matches(clause, facts));
  }

  private static boolean matches(Clause clause, ConnectionFacts facts) {
    return clause.getMatchesCount() == 0
        || clause.getMatchesList().stream().anyMatch(match -> matches(match, facts));
  }

  private static boolean matches(Match m, ConnectionFacts facts) {
    if (m.equals(Match.getDefaultInstance())) {
      return false;
    }
    Optional<SpiffeId> id = facts.source();
    Optional<String> principal = id.map(SpiffeId::principal);
    Optional<String> namespace = id.flatMap(SpiffeId::namespace);
    Optional<String> account = id.flatMap(SpiffeId::serviceAccount);
    int port = facts.destinationPort();
    return field(m.getPrincipalsList(), v -> fits(v, principal))
        && not(m.getNotPrincipalsList(), v -> fits(v, principal))
        && field(m.getNamespacesList(), v -> fits(v, namespace))
        && not(m.getNotNamespacesList(), v -> fits(v, namespace))
        && field(
            m.getServiceAccountsList(),
            v -> fits(v.getNamespace(), v.getServiceAccount(), namespace, account))
        && not(
            m.getNotServiceAccountsList(),
            v -> fits(v.getNamespace(), v.getServiceAccount(), namespace, account))
        && field(m.getSourceIpsList(), v -> holds(v, facts.sourceIp()))
        && not(m.getNotSourceIpsList(), v -> holds(v, facts.sourceIp()))
        && field(m.getDestinationIpsList(), v -> holds(v, facts.destinationIp()))
        && not(m.getNotDestinationIpsList(), v -> holds(v, facts.destinationIp()))
        && field(m.getDestinationPortsList(), v -> v == port)
        && not(m.getNotDestinationPortsList(), v -> v == port);
  }

  private static <T> boolean field(List<T> values, Predicate<T> fits) {
    return values.isEmpty() || values.stream().anyMatch(fits);
  }

  private static <T> boolean not(List<T> values, Predicate<T> fits) {
    return values.isEmpty() || values.stream().noneMatch(fits);
  }

  private static boolean fits(StringMatch value, Optional<String> text) {
    return text.isPresent()
        && switch (value.getMatchTypeCase()) {
          case EXACT -> text.get().equals(value.getExact());
          case PREFIX -> text.get().startsWith(value.getPrefix());
          case SUFFIX -> text.get().endsWith(value.getSuffix());
          case PRESENCE -> !text.get().isEmpty();
          case MATCHTYPE_NOT_SET -> false;
        };
  }

  private static boolean fits(
      String wantedNamespace,
      String wantedAccount,
      Optional<String> namespace,
      Optional<String> account) {
    return namespace.equals(Optional.of(wantedNamespace))
        && account.equals(Optional.of(wantedAccount));
  }

  /** An address in the v4-mapped form is IPv4, in a policy as on a connection. */
  private static boolean holds(Address block, InetAddress ip) {
    byte[] base = block.getAddress().toByteArray();
    int length = block.getLength();
    if (isMapped(base) && length >= 96) {
      base = Arrays.copyOfRange(base, 12, 16);
      length -= 96;
    }
    byte[] address = ip.getAddress();
    address = isMapped(address) ? Arrays.copyOfRange(address, 12, 16) : address;
    int rest = base.length * 8 - length;
    return base.length == address.length
        && new BigInteger(1, base)
            .shiftRight(rest)
            .equals(new BigInteger(1, address).shiftRight(rest));
  }

  private static boolean isMapped(byte[] address) {
    byte[] prefix = new byte[12];
    prefix[10] = -1;
    prefix[11] = -1;
    return address.length == 16 && Arrays.equals(Arrays.copyOf(address, 12), prefix);
  }
}
