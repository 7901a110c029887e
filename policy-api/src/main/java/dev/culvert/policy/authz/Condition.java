// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import static java.util.stream.Collectors.toSet;

import dev.culvert.policy.spiffe.SpiffeId;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * One field of a match: holds when a value of the field fits the connection. A peer without
 * identity fits no value, so of the fields about identity only the negated ones hold for it.
 */
sealed interface Condition {

  boolean holds(ConnectionFacts facts);

  /**
   * What a connection must have one of for this to hold; empty when that cannot be listed, as of a
   * prefix or of a negated field.
   */
  default Set<RuleKey> keys() {
    return Set.of();
  }

  /** Inverts a field: its {@code not_} twin. */
  record Not(Condition field) implements Condition {
    @Override
    public boolean holds(ConnectionFacts facts) {
      return !field.holds(facts);
    }
  }

  /** The whole identity, without its scheme. */
  record Principal(TextSet values) implements Condition {
    @Override
    public boolean holds(ConnectionFacts facts) {
      Optional<SpiffeId> source = facts.source();
      return source.isPresent() && values.contains(source.get().principal());
    }

    @Override
    public Set<RuleKey> keys() {
      return values.listed(RuleKey.Principal::new);
    }
  }

  /** The Kubernetes namespace in the identity. */
  record Namespace(TextSet values) implements Condition {
    @Override
    public boolean holds(ConnectionFacts facts) {
      Optional<SpiffeId> source = facts.source();
      if (source.isEmpty()) {
        return false;
      }
      Optional<String> namespace = source.get().namespace();
      return namespace.isPresent() && values.contains(namespace.get());
    }

    @Override
    public Set<RuleKey> keys() {
      return values.listed(RuleKey.Namespace::new);
    }
  }

  /** Service accounts by namespace, whatever the trust domain. */
  record ServiceAccount(Map<String, Set<String>> byNamespace) implements Condition {
    @Override
    public boolean holds(ConnectionFacts facts) {
      Optional<SpiffeId> source = facts.source();
      if (source.isEmpty() || source.get().namespace().isEmpty()) {
        return false;
      }
      Set<String> accounts = byNamespace.get(source.get().namespace().get());
      return accounts != null && accounts.contains(source.get().serviceAccount().get());
    }

    @Override
    public Set<RuleKey> keys() {
      Set<RuleKey> keys = new HashSet<>();
      byNamespace.forEach(
          (namespace, accounts) ->
              accounts.forEach(account -> keys.add(new RuleKey.Account(namespace, account))));
      return keys;
    }
  }

  /** Where the connection comes from. */
  record SourceIp(Blocks blocks) implements Condition {
    @Override
    public boolean holds(ConnectionFacts facts) {
      return blocks.contain(facts.sourceNumber());
    }

    @Override
    public Set<RuleKey> keys() {
      return blocks.listed(RuleKey.SourceBlock::new);
    }
  }

  /** The address the connection goes to. */
  record DestinationIp(Blocks blocks) implements Condition {
    @Override
    public boolean holds(ConnectionFacts facts) {
      return blocks.contain(facts.destinationNumber());
    }

    @Override
    public Set<RuleKey> keys() {
      return blocks.listed(RuleKey.DestinationBlock::new);
    }
  }

  /** The port the connection goes to; the values are sorted. */
  final class DestinationPort implements Condition {
    private final int[] sorted;

    DestinationPort(int[] ports) {
      sorted = ports.clone();
      Arrays.sort(sorted);
    }

    @Override
    public boolean holds(ConnectionFacts facts) {
      return Arrays.binarySearch(sorted, facts.destinationPort()) >= 0;
    }

    @Override
    public Set<RuleKey> keys() {
      return Arrays.stream(sorted).mapToObj(RuleKey.Port::new).collect(toSet());
    }
  }

  /** A list of address blocks. */
  final class Blocks {
    private final Cidr[] cidrs;

    Blocks(Cidr[] cidrs) {
      this.cidrs = cidrs.clone();
    }

    Set<RuleKey> listed(Function<Cidr, RuleKey> key) {
      return Arrays.stream(cidrs).map(key).collect(toSet());
    }

    boolean contain(IpNumber ip) {
      for (Cidr cidr : cidrs) {
        if (cidr.contains(ip)) {
          return true;
        }
      }
      return false;
    }
  }
}
