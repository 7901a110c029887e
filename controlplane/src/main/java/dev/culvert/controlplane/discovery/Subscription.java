// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * What one proxy wants of one type and what it holds: the state that the delta variant of xDS keeps
 * per stream and type. A proxy that asks by name is told the {@link Companions} of what it named
 * too. After the first answer a look costs what changed since the last one. Pure; not thread-safe.
 */
final class Subscription {
  private static final String WILDCARD = "*";

  private final Interest interest;
  private final Set<String> knownMissing = new HashSet<>();

  /** Names, of resources or asked for, to look at again although nothing may have changed. */
  private final Set<String> due = new HashSet<>();

  private final Holdings holdings = new Holdings();
  private boolean first = true;
  private boolean answerDue;
  private boolean allDue = true;
  private ResourceSet seen = ResourceSet.EMPTY;

  /**
   * @param node of the proxy; empty for one that serves no node
   */
  Subscription(String node) {
    interest = new Interest(node);
  }

  /** Takes in a request; what follows from it comes out of {@link #next}. */
  void update(DeltaDiscoveryRequest request) {
    List<String> subscribe = request.getResourceNamesSubscribeList();
    List<String> unsubscribe = request.getResourceNamesUnsubscribeList();
    if (first) {
      // A first request that names nothing is the older way to ask for everything.
      interest.everything(subscribe.isEmpty() && unsubscribe.isEmpty());
      answerDue = true;
    }
    subscribe.forEach(this::subscribe);
    unsubscribe.forEach(this::unsubscribe);
    if (first) {
      holdings.put(request.getInitialResourceVersionsMap());
      first = false;
    }
  }

  /** Whether the first answer has been given. */
  boolean isAnswered() {
    return !first && !answerDue;
  }

  /**
   * What the proxy must be told now, if anything; from then on it counts as told. The first answer
   * is given even when there is nothing to tell, because proxies wait for it.
   *
   * @param removals whether removals may be told now; if not they stay due
   */
  Optional<Delta> next(ResourceSet current, boolean removals) {
    Answer answer = new Answer(current, removals, interest, holdings, knownMissing);
    if (allDue && interest.isEverything()) {
      everything(current, answer);
    } else {
      changed(current, answer);
    }
    if (interest.isEverything()) {
      holdings.holdAll(current);
    }
    due.clear();
    due.addAll(answer.deferred());
    allDue = false;
    seen = current;
    boolean told = answerDue || !answer.isEmpty();
    answerDue = false;
    return told ? Optional.of(answer.delta()) : Optional.empty();
  }

  /** A name asked for again is sent again, because its client may have dropped it. */
  private void subscribe(String name) {
    if (name.equals(WILDCARD)) {
      allDue |= !interest.isEverything();
      interest.everything(true);
      return;
    }
    interest.name(name);
    look(name, holdings::doubt);
  }

  private void unsubscribe(String name) {
    if (name.equals(WILDCARD)) {
      keepNamed();
      return;
    }
    if (answerDue) {
      // What the proxy brought along has not been looked at: any of it may be meant by an alias.
      List.copyOf(holdings.names()).forEach(holdings::doubt);
    }
    interest.dropName(name);
    look(name, this::drop);
  }

  /** What is wanted for another reason, or to be told as gone, may have been dropped or not. */
  private void drop(String resource) {
    if (due.contains(resource) || interest.mayWant(resource, seen)) {
      holdings.doubt(resource);
    } else {
      holdings.forget(resource);
    }
  }

  /**
   * Of what is part of everything the proxy drops what it does not name. What it holds otherwise is
   * told again, as there or as gone: in vain, that does no harm.
   */
  private void keepNamed() {
    if (interest.isEverything()) {
      interest.everything(false);
      List.copyOf(holdings.names()).forEach(holdings::doubt);
      Set<String> kept = new HashSet<>(holdings.names());
      interest.named().forEach(one -> kept.addAll(seen.having(one)));
      holdings.keepOnly(kept);
      allDue = true;
    }
  }

  private void look(String name, Consumer<String> held) {
    knownMissing.remove(name);
    held.accept(name);
    due.add(name);
    for (String one : seen.having(name)) {
      held.accept(one);
      due.add(one);
    }
  }

  private void everything(ResourceSet current, Answer answer) {
    current.forEach(answer::present);
    List.copyOf(holdings.names()).stream()
        .filter(name -> current.get(name).isEmpty())
        .forEach(answer::gone);
    interest.named().forEach(answer::asked);
  }

  private void changed(ResourceSet current, Answer answer) {
    Set<String> names = candidates(current);
    Set<String> asked = asked(current, names);
    for (String name : asked) {
      current.name(name).ifPresent(names::add);
      seen.name(name).ifPresent(names::add);
    }
    if (!interest.isEverything()) {
      names.addAll(interest.companions(current, names, allDue));
    }
    for (String name : names) {
      current.get(name).ifPresentOrElse(answer::present, () -> answer.gone(name));
    }
    asked.forEach(answer::asked);
  }

  /** The names of all resources that the proxy may have to be told about. */
  private Set<String> candidates(ResourceSet current) {
    Set<String> names =
        new TreeSet<>(allDue ? interest.wantedByName(current) : current.since(seen));
    if (allDue) {
      names.addAll(holdings.names());
    }
    for (String name : due) {
      names.add(current.name(name).orElse(name));
    }
    return names;
  }

  /** Of what is asked for by name or alias, that of which a changed resource has it or had it. */
  private Set<String> asked(ResourceSet current, Set<String> names) {
    Set<String> named = interest.named();
    if (named.isEmpty()) {
      return Set.of();
    }
    if (allDue) {
      return Set.copyOf(named);
    }
    Set<String> asked = new HashSet<>();
    for (String name : names) {
      askedBy(name, current, asked);
      askedBy(name, seen, asked);
    }
    due.stream().filter(named::contains).forEach(asked::add);
    return asked;
  }

  private void askedBy(String name, ResourceSet set, Set<String> asked) {
    Set<String> named = interest.named();
    if (named.contains(name)) {
      asked.add(name);
    }
    set.get(name)
        .ifPresent(
            resource ->
                resource.getAliasesList().stream().filter(named::contains).forEach(asked::add));
  }
}
