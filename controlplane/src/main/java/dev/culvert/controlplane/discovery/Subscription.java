// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.Resource;
import java.util.ArrayList;
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

  private final String node;
  private final Set<String> named = new HashSet<>();

  /** Told beside what is named, and kept true until it is gone. */
  private final Set<String> unasked = new HashSet<>();

  private final Set<String> knownMissing = new HashSet<>();

  /** Names, of resources or asked for, to look at again although nothing may have changed. */
  private final Set<String> due = new HashSet<>();

  private final Holdings holdings = new Holdings();
  private boolean wildcard;
  private boolean first = true;
  private boolean answerDue;
  private boolean allDue = true;
  private ResourceSet seen = ResourceSet.EMPTY;

  /**
   * @param node of the proxy; empty for one that serves no node
   */
  Subscription(String node) {
    this.node = node;
  }

  /** Takes in a request; what follows from it comes out of {@link #next}. */
  void update(DeltaDiscoveryRequest request) {
    List<String> subscribe = request.getResourceNamesSubscribeList();
    List<String> unsubscribe = request.getResourceNamesUnsubscribeList();
    if (first) {
      // A first request that names nothing is the older way to ask for everything.
      wildcard = subscribe.isEmpty() && unsubscribe.isEmpty();
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
    Answer answer = new Answer(current, removals);
    if (allDue && wildcard) {
      everything(current, answer);
    } else {
      changed(current, answer);
    }
    if (wildcard) {
      holdings.holdAll(current);
    }
    due.clear();
    due.addAll(answer.deferred);
    allDue = false;
    seen = current;
    boolean told = answerDue || !answer.isEmpty();
    answerDue = false;
    return told ? Optional.of(answer.delta()) : Optional.empty();
  }

  /** A name asked for again is sent again, because its client may have dropped it. */
  private void subscribe(String name) {
    if (name.equals(WILDCARD)) {
      allDue |= !wildcard;
      wildcard = true;
      return;
    }
    named.add(name);
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
    named.remove(name);
    unasked.remove(name);
    look(name, this::drop);
  }

  /** What is wanted for another reason, or to be told as gone, may have been dropped or not. */
  private void drop(String resource) {
    boolean wanted =
        wildcard
            || due.contains(resource)
            || named.contains(resource)
            || unasked.contains(resource)
            || seen.get(resource).stream()
                .anyMatch(one -> one.getAliasesList().stream().anyMatch(named::contains));
    if (wanted) {
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
    if (wildcard) {
      wildcard = false;
      List.copyOf(holdings.names()).forEach(holdings::doubt);
      Set<String> kept = new HashSet<>(holdings.names());
      named.forEach(one -> kept.addAll(seen.having(one)));
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
    named.forEach(answer::asked);
  }

  private void changed(ResourceSet current, Answer answer) {
    Set<String> names = candidates(current);
    Set<String> asked = asked(current, names);
    for (String name : asked) {
      current.name(name).ifPresent(names::add);
      seen.name(name).ifPresent(names::add);
    }
    if (!wildcard) {
      Set<String> along = companions(current, names);
      unasked.addAll(along);
      names.addAll(allDue ? unasked : along);
    }
    for (String name : names) {
      current.get(name).ifPresentOrElse(answer::present, () -> answer.gone(name));
    }
    asked.forEach(answer::asked);
  }

  /** What comes along with what is looked at: endpoints of services, workloads of the own node. */
  private Set<String> companions(ResourceSet current, Set<String> names) {
    Companions companions = current.companions();
    Set<String> along = new HashSet<>(allDue ? companions.onNode(node) : List.of());
    for (String name : names) {
      Optional<Resource> resource = current.get(name);
      if (resource.isEmpty()) {
        continue;
      }
      if (isNamed(resource.get(), current)) {
        along.addAll(companions.behind(name));
      }
      if (Companions.nodes(resource.get()).contains(node)
          || Companions.services(resource.get()).stream()
              .anyMatch(service -> isNamed(service, current))) {
        along.add(name);
      }
    }
    return along;
  }

  private boolean isNamed(String name, ResourceSet current) {
    return current.get(name).filter(resource -> isNamed(resource, current)).isPresent();
  }

  /** The names of all resources that the proxy may have to be told about. */
  private Set<String> candidates(ResourceSet current) {
    Set<String> names = new TreeSet<>(allDue ? wantedByName(current) : current.since(seen));
    if (allDue) {
      names.addAll(holdings.names());
    }
    for (String name : due) {
      names.add(current.name(name).orElse(name));
    }
    return names;
  }

  private Set<String> wantedByName(ResourceSet current) {
    Set<String> wanted = new HashSet<>();
    named.forEach(name -> current.name(name).ifPresent(wanted::add));
    return wanted;
  }

  /** Of what is asked for by name or alias, that of which a changed resource has it or had it. */
  private Set<String> asked(ResourceSet current, Set<String> names) {
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
    if (named.contains(name)) {
      asked.add(name);
    }
    set.get(name)
        .ifPresent(
            resource ->
                resource.getAliasesList().stream().filter(named::contains).forEach(asked::add));
  }

  private boolean isWanted(Resource resource, ResourceSet current) {
    return wildcard || unasked.contains(resource.getName()) || isNamed(resource, current);
  }

  private boolean isNamed(Resource resource, ResourceSet current) {
    return named.contains(resource.getName())
        || resource.getAliasesList().stream()
            .anyMatch(
                alias ->
                    named.contains(alias)
                        && current.name(alias).equals(Optional.of(resource.getName())));
  }

  /** One answer while it is put together. */
  private final class Answer {
    private final ResourceSet current;
    private final boolean removals;
    private final List<Resource> changed = new ArrayList<>();
    private final Set<String> removed = new TreeSet<>();
    private final Set<String> deferred = new HashSet<>();

    Answer(ResourceSet current, boolean removals) {
      this.current = current;
      this.removals = removals;
    }

    void present(Resource resource) {
      String name = resource.getName();
      if (!isWanted(resource, current)) {
        gone(name);
      } else if (!resource.getVersion().equals(holdings.version(name))) {
        changed.add(resource);
        if (!wildcard) {
          holdings.put(name, resource.getVersion());
        }
      }
    }

    /** Also when what is asked for by an alias is another one now. */
    void gone(String name) {
      unasked.remove(name);
      String version = holdings.version(name);
      if (version == null) {
        return;
      }
      if (removals) {
        removed.add(name);
        holdings.forget(name);
      } else {
        deferred.add(name);
        holdings.put(name, version);
      }
    }

    /** Something asked for by name that is not there is said to be gone, once. */
    void asked(String name) {
      if (current.name(name).isPresent()) {
        knownMissing.remove(name);
      } else if (!removals) {
        deferred.add(name);
      } else if (knownMissing.add(name)) {
        removed.add(name);
      }
    }

    boolean isEmpty() {
      return changed.isEmpty() && removed.isEmpty();
    }

    Delta delta() {
      return new Delta(changed, List.copyOf(removed));
    }
  }
}
