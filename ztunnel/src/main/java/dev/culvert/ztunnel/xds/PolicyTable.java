// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.culvert.policy.authz.CompiledAuthorization;
import dev.culvert.policy.authz.PolicyIndex;
import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.spiffe.TrustDomains;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.security.Authorization;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The policies. Written on the xDS thread, read on any. */
final class PolicyTable implements ResourceSink {
  private record Policy(Authorization wire, CompiledAuthorization compiled) {}

  private final PrincipalAliases aliases;
  private final Map<String, Policy> policies = new TreeMap<>();
  private final Map<PolicyKey, String> names = new HashMap<>();
  private volatile PolicyIndex index = PolicyIndex.empty();
  private volatile List<Authorization> wires = List.of();

  /**
   * @param domains those whose aliases policies may name
   */
  PolicyTable(TrustDomains domains) {
    this.aliases = new PrincipalAliases(domains);
  }

  @Override
  public List<Rejected> apply(List<Resource> resources, List<String> removed) {
    List<Rejected> rejected = new ArrayList<>();
    removed.forEach(this::remove);
    for (Resource resource : resources) {
      try {
        put(resource.getName(), resource.getResource().unpack(Authorization.class));
      } catch (InvalidProtocolBufferException | RuntimeException e) {
        rejected.add(new Rejected(resource.getName(), e.getMessage()));
      }
    }
    index = PolicyIndex.of(policies.values().stream().map(Policy::compiled).toList());
    wires = policies.values().stream().map(Policy::wire).toList();
    return rejected;
  }

  PolicyIndex index() {
    return index;
  }

  /** As the control plane sent them, in the order of their names. */
  List<Authorization> all() {
    return wires;
  }

  private void put(String name, Authorization wire) {
    CompiledAuthorization compiled = CompiledAuthorization.compile(aliases.normalize(wire));
    String holder = names.putIfAbsent(compiled.key(), name);
    if (holder != null && !holder.equals(name)) {
      throw new IllegalArgumentException(
          "policy %s came before under the name %s".formatted(compiled.key(), holder));
    }
    remove(name);
    names.put(compiled.key(), name);
    policies.put(name, new Policy(wire, compiled));
  }

  private void remove(String name) {
    Policy removed = policies.remove(name);
    if (removed != null) {
      names.remove(removed.compiled().key());
    }
  }
}
