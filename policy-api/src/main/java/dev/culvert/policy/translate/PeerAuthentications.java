// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.translate;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.resource.PeerAuthentication;
import dev.culvert.policy.resource.PeerAuthentication.Mode;
import dev.culvert.policy.translate.TranslationNotice.Effect;
import dev.culvert.policy.wire.security.Authorization;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Which workloads take plaintext. The narrowest policy that says something decides: workload, then
 * namespace, then mesh, then PERMISSIVE; among policies of one level, the oldest.
 */
final class PeerAuthentications {
  private final List<String> rootNamespaces;
  private final Consumer<TranslationNotice> notices;
  private final Optional<PeerAuthentication> mesh;
  private final Map<String, PeerAuthentication> byNamespace = new HashMap<>();
  private final Map<String, List<PeerAuthentication>> selecting = new HashMap<>();

  PeerAuthentications(
      List<PeerAuthentication> policies,
      List<String> rootNamespaces,
      Consumer<TranslationNotice> notices) {
    this.rootNamespaces = rootNamespaces;
    this.notices = notices;
    List<PeerAuthentication> oldestFirst = policies.stream().sorted(oldestFirst()).toList();
    List<PeerAuthentication> wide =
        oldestFirst.stream().filter(policy -> policy.selector().isEmpty()).toList();
    mesh = oldest(wide.stream().filter(this::isInRoot).toList());
    wide.stream()
        .filter(policy -> !isInRoot(policy))
        .collect(groupingBy(policy -> policy.metadata().namespace(), TreeMap::new, toList()))
        .forEach((home, own) -> byNamespace.put(home, oldest(own).orElseThrow()));
    oldestFirst.stream().filter(policy -> !policy.selector().isEmpty()).forEach(this::addSelecting);
  }

  /** Without a time, as in a folder of files, the name decides. */
  private static Comparator<PeerAuthentication> oldestFirst() {
    return comparing(
            (PeerAuthentication policy) ->
                policy.metadata().creationTimestamp().orElse(Instant.MAX))
        .thenComparing(policy -> policy.metadata().namespace())
        .thenComparing(policy -> policy.metadata().name());
  }

  private Optional<PeerAuthentication> oldest(List<PeerAuthentication> sorted) {
    sorted.stream()
        .skip(1)
        .forEach(
            younger ->
                notice(
                    younger,
                    Effect.OVERRIDDEN,
                    "it has no effect: %s applies to the same workloads and comes first; keep one"
                        .formatted(sorted.getFirst().key())));
    return sorted.stream().findFirst();
  }

  private void addSelecting(PeerAuthentication policy) {
    if (isInRoot(policy)) {
      notice(
          policy,
          Effect.NOTHING,
          "it has no effect: a selector in a root namespace picks nothing; move it to the namespace"
              + " of the workloads");
    } else {
      String home = policy.metadata().namespace();
      selecting.computeIfAbsent(home, _ -> new ArrayList<>()).add(policy);
    }
  }

  private boolean isInRoot(PeerAuthentication policy) {
    return rootNamespaces.contains(policy.metadata().namespace());
  }

  /**
   * The policy that refuses all plaintext is always there: a workload that names it is closed to
   * everybody until the proxy has it.
   */
  List<Authorization> authorizations() {
    Stream<Authorization> ofPorts =
        selecting.values().stream()
            .flatMap(List::stream)
            .map(policy -> new PortLevels(policy, mode(policy)))
            .filter(PortLevels::differ)
            .map(PortLevels::authorization);
    return Stream.concat(Stream.of(StrictMtls.everyPort(rootNamespaces.getFirst())), ofPorts)
        .toList();
  }

  Stream<PolicyKey> selected(String namespace, Map<String, String> labels) {
    Optional<PeerAuthentication> own =
        selecting.getOrDefault(namespace, List.of()).stream()
            .filter(policy -> labels.entrySet().containsAll(policy.selector().entrySet()))
            .findFirst();
    Mode mode = own.map(this::mode).orElseGet(() -> mode(namespace));
    Optional<PortLevels> ports =
        own.map(policy -> new PortLevels(policy, mode)).filter(PortLevels::differ);
    if (ports.isPresent()) {
      return Stream.of(ports.get().key());
    }
    return mode == Mode.STRICT
        ? Stream.of(StrictMtls.everyPortKey(rootNamespaces.getFirst()))
        : Stream.empty();
  }

  private Mode mode(PeerAuthentication policy) {
    return policy.mode() == Mode.UNSET ? mode(policy.metadata().namespace()) : policy.mode();
  }

  private Mode mode(String namespace) {
    return Stream.of(Optional.ofNullable(byNamespace.get(namespace)), mesh)
        .flatMap(Optional::stream)
        .map(PeerAuthentication::mode)
        .filter(mode -> mode != Mode.UNSET)
        .findFirst()
        .orElse(Mode.PERMISSIVE);
  }

  private void notice(PeerAuthentication policy, Effect effect, String text) {
    notices.accept(new TranslationNotice(policy.key(), effect, text));
  }
}
