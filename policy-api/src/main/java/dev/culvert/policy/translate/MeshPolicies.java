// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.translate;

import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.PeerAuthentication;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.wire.security.Authorization;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** All policies of the mesh in the form that the proxies of pods take. */
public final class MeshPolicies {
  /** The namespaces whose policies apply to the whole mesh unless configured otherwise. */
  public static final List<String> ROOT_NAMESPACES = List.of("culvert-system", "istio-system");

  private final AuthorizationPolicies authorizationPolicies;
  private final PeerAuthentications peerAuthentications;
  private final List<TranslationNotice> notices;

  private MeshPolicies(
      AuthorizationPolicies authorizationPolicies,
      PeerAuthentications peerAuthentications,
      List<TranslationNotice> notices) {
    this.authorizationPolicies = authorizationPolicies;
    this.peerAuthentications = peerAuthentications;
    this.notices = notices;
  }

  /**
   * Translates every policy among the resources.
   *
   * @param rootNamespaces at least one; policies there apply to the whole mesh, and the first is
   *     where policies that we make ourselves live
   */
  public static MeshPolicies of(
      Collection<? extends Resource> resources, List<String> rootNamespaces) {
    List<TranslationNotice> notices = new ArrayList<>();
    return new MeshPolicies(
        new AuthorizationPolicies(
            ofType(resources, AuthorizationPolicy.class), rootNamespaces, notices::add),
        new PeerAuthentications(
            ofType(resources, PeerAuthentication.class), rootNamespaces, notices::add),
        List.copyOf(notices));
  }

  private static <T extends Resource> List<T> ofType(
      Collection<? extends Resource> resources, Class<T> type) {
    return resources.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** What to send to the proxies, by namespace and name. */
  public List<Authorization> authorizations() {
    Comparator<Authorization> byKey =
        Comparator.comparing(Authorization::getNamespace).thenComparing(Authorization::getName);
    return Stream.concat(
            authorizationPolicies.authorizations().stream(),
            peerAuthentications.authorizations().stream())
        .sorted(byKey)
        .toList();
  }

  /** The policies that a workload must name: those of scope WORKLOAD_SELECTOR that pick it. */
  public List<PolicyKey> selectedPolicies(String namespace, Map<String, String> labels) {
    return Stream.concat(
            authorizationPolicies.selected(namespace, labels),
            peerAuthentications.selected(namespace, labels))
        .sorted(Comparator.comparing(PolicyKey::namespace).thenComparing(PolicyKey::name))
        .toList();
  }

  /** What has no effect and why. */
  public List<TranslationNotice> notices() {
    return notices;
  }
}
