// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import dev.culvert.policy.spiffe.SpiffeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Finds the first rule that matches among many by what connections must have for it: an exact
 * identity, service account or namespace, a port, an address block. Every rule found is still asked
 * in full, and those that cannot be found by anything are asked always, so the answer is that of
 * asking all in their order. Immutable; {@link #first} leaves no garbage.
 */
final class RuleIndex {
  /** What no rule matched. */
  static final int NONE = Integer.MAX_VALUE;

  /** So few are asked sooner than they are looked up. */
  private static final int FEW = 4;

  private static final int[] EMPTY = {};

  private final CompiledRule[] rules;
  private final int[] unlisted;
  private final Map<String, int[]> principals;
  private final Map<String, Map<String, int[]>> accounts = new HashMap<>();
  private final Map<String, int[]> namespaces;
  private final PortTable ports;
  private final BlockTable sources;
  private final BlockTable destinations;

  RuleIndex(List<CompiledRule> ordered) {
    rules = ordered.toArray(CompiledRule[]::new);
    List<Integer> always = new ArrayList<>();
    Map<RuleKey, List<Integer>> listed = new HashMap<>();
    list(ordered, listed, always);
    unlisted = positions(always);
    principals = select(listed, RuleKey.Principal.class, RuleKey.Principal::principal);
    namespaces = select(listed, RuleKey.Namespace.class, RuleKey.Namespace::namespace);
    ports = new PortTable(select(listed, RuleKey.Port.class, RuleKey.Port::port));
    sources = new BlockTable(select(listed, RuleKey.SourceBlock.class, RuleKey.SourceBlock::block));
    destinations =
        new BlockTable(
            select(listed, RuleKey.DestinationBlock.class, RuleKey.DestinationBlock::block));
    select(listed, RuleKey.Account.class, account -> account)
        .forEach(
            (account, found) ->
                accounts
                    .computeIfAbsent(account.namespace(), n -> new HashMap<>())
                    .put(account.serviceAccount(), found));
  }

  private static void list(
      List<CompiledRule> ordered, Map<RuleKey, List<Integer>> listed, List<Integer> always) {
    Function<CompiledRule, Optional<Set<RuleKey>>> keys =
        ordered.size() <= FEW ? rule -> Optional.empty() : new RuleKeys(ordered)::of;
    for (int i = 0; i < ordered.size(); i++) {
      int position = i;
      keys.apply(ordered.get(i))
          .ifPresentOrElse(
              own -> own.forEach(key -> add(listed, key, position)), () -> always.add(position));
    }
  }

  private static void add(Map<RuleKey, List<Integer>> listed, RuleKey key, int position) {
    listed.computeIfAbsent(key, k -> new ArrayList<>(1)).add(position);
  }

  /** The keys of one kind, by their value. */
  private static <K extends RuleKey, V> Map<V, int[]> select(
      Map<RuleKey, List<Integer>> listed, Class<K> kind, Function<K, V> value) {
    Map<V, int[]> selected = new HashMap<>();
    listed.forEach(
        (key, found) -> {
          if (kind.isInstance(key)) {
            selected.put(value.apply(kind.cast(key)), positions(found));
          }
        });
    return selected;
  }

  /** They come in their order, which is that of the rules. */
  private static int[] positions(List<Integer> found) {
    return found.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The position of the first rule that matches, or {@link #NONE}. */
  int first(ConnectionFacts facts) {
    int first = first(unlisted, NONE, facts);
    Optional<SpiffeId> source = facts.source();
    if (source.isPresent()) {
      first = first(source.get(), first, facts);
    }
    first = first(ports.get(facts.destinationPort()), first, facts);
    first = first(sources, facts.sourceNumber(), first, facts);
    return first(destinations, facts.destinationNumber(), first, facts);
  }

  private int first(SpiffeId source, int before, ConnectionFacts facts) {
    int first = first(principals.getOrDefault(source.principal(), EMPTY), before, facts);
    Optional<String> namespace = source.namespace();
    if (namespace.isEmpty()) {
      return first;
    }
    Map<String, int[]> byAccount = accounts.get(namespace.get());
    if (byAccount != null) {
      first = first(byAccount.getOrDefault(source.serviceAccount().get(), EMPTY), first, facts);
    }
    return first(namespaces.getOrDefault(namespace.get(), EMPTY), first, facts);
  }

  private int first(BlockTable blocks, IpNumber ip, int before, ConnectionFacts facts) {
    int first = before;
    for (int i = 0; i < blocks.sizes(); i++) {
      first = first(blocks.get(i, ip), first, facts);
    }
    return first;
  }

  /** The first of these that matches and comes before another that is known to match. */
  private int first(int[] positions, int before, ConnectionFacts facts) {
    for (int position : positions) {
      if (position >= before) {
        return before;
      }
      if (rules[position].matches(facts)) {
        return position;
      }
    }
    return before;
  }
}
