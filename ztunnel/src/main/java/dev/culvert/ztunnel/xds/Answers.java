// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * The names that were asked for, and what was said of each. Written on the xDS thread; whether a
 * name is settled is read on any.
 */
final class Answers {
  /**
   * Istiod says when what it told of changes, but not when something comes that it said it did not
   * have. Ours says that too.
   */
  static final Duration MISSING_FOR = Duration.ofSeconds(10);

  /** Names without a resource: a pod that scans the network must not fill the memory. */
  static final int MOST_MISSING = 10_000;

  /**
   * What was said.
   *
   * @param resource the one of that name; empty when there is none
   * @param at by the clock
   */
  private record Answer(String resource, long at) {
    boolean isMissing() {
      return resource.isEmpty();
    }
  }

  private final LongSupplier clock;
  private final ConcurrentMap<String, Answer> answers = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> byResource = new HashMap<>();

  /** Asked for, and without a resource so far; oldest first. */
  private final Set<String> without = new LinkedHashSet<>();

  private volatile boolean connected;

  /**
   * @param clock nanoseconds, as {@link System#nanoTime}
   */
  Answers(LongSupplier clock) {
    this.clock = clock;
  }

  /** Whether there is an answer that is still good. */
  boolean isSettled(String name) {
    Answer answer = answers.get(name);
    return answer != null && (!answer.isMissing() || !connected || isFresh(answer));
  }

  /** Whether there ever was one. */
  boolean isKnown(String name) {
    return answers.containsKey(name);
  }

  private boolean isFresh(Answer answer) {
    return clock.getAsLong() - answer.at() < MISSING_FOR.toNanos();
  }

  void connected(boolean now) {
    connected = now;
  }

  /** All that are asked for. */
  Set<String> names() {
    Set<String> names = new HashSet<>(without);
    names.addAll(answers.keySet());
    return names;
  }

  /** Those of the names that nobody asked for yet. */
  Set<String> unasked(Collection<String> names) {
    return names.stream()
        .filter(name -> !without.contains(name) && !answers.containsKey(name))
        .collect(Collectors.toSet());
  }

  /**
   * These are asked for.
   *
   * @return others that are given up for them, the oldest of too many without a resource
   */
  List<String> asked(Collection<String> names) {
    for (String name : names) {
      Answer before = answers.get(name);
      if (before == null || before.isMissing()) {
        without.remove(name);
        without.add(name);
      }
    }
    List<String> dropped = new ArrayList<>();
    for (Iterator<String> oldest = without.iterator(); without.size() > MOST_MISSING; ) {
      String name = oldest.next();
      oldest.remove();
      answers.remove(name);
      dropped.add(name);
    }
    return dropped;
  }

  /**
   * A resource came.
   *
   * @return the names that this answers
   */
  List<String> found(String resource, Collection<String> aliases) {
    Set<String> names = new HashSet<>(aliases);
    names.add(resource);
    Set<String> before = byResource.getOrDefault(resource, Set.of());
    before.stream().filter(name -> !names.contains(name)).toList().forEach(this::reopen);
    names.removeIf(name -> !without.contains(name) && !answers.containsKey(name));
    for (String name : names) {
      unlink(name);
      answers.put(name, new Answer(resource, clock.getAsLong()));
      without.remove(name);
      byResource.computeIfAbsent(resource, r -> new HashSet<>()).add(name);
    }
    return List.copyOf(names);
  }

  /**
   * There is no resource of that name, or no more.
   *
   * @return the name, if it was asked for
   */
  List<String> removed(String name) {
    List.copyOf(byResource.getOrDefault(name, Set.of())).forEach(this::reopen);
    if (!without.contains(name) && !answers.containsKey(name)) {
      return List.of();
    }
    reopen(name);
    answers.put(name, new Answer("", clock.getAsLong()));
    return List.of(name);
  }

  /** What was said of the name holds no more: it must be asked for again. */
  private void reopen(String name) {
    unlink(name);
    answers.remove(name);
    without.add(name);
  }

  private void unlink(String name) {
    Answer answer = answers.get(name);
    if (answer != null) {
      byResource.computeIfPresent(
          answer.resource(), (r, names) -> names.remove(name) && names.isEmpty() ? null : names);
    }
  }
}
