// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import static dev.culvert.policy.authz.CompiledAuthorization.refusing;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.culvert.policy.authz.CompiledAuthorization;
import dev.culvert.policy.authz.CompiledAuthorization.Scope;
import dev.culvert.policy.authz.PolicyIndex;
import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.spiffe.TrustDomains;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.security.Authorization;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policies. One that cannot be held to is rejected, and closes what it is for until a good one
 * comes or it is taken back: skipping it would leave open what somebody meant to close. Where a
 * good one came before under its name, that one stays. Written on the xDS thread, read on any.
 */
final class PolicyTable implements ResourceSink {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyTable.class);

  private record Policy(Optional<Authorization> wire, CompiledAuthorization compiled) {}

  private final PrincipalAliases aliases;
  private final Map<String, Policy> policies = new TreeMap<>();
  private final Map<PolicyKey, String> names = new HashMap<>();
  private final Set<String> refusing = new HashSet<>();
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
      } catch (InvalidProtocolBufferException e) {
        rejected.add(new Rejected(resource.getName(), e.getMessage()));
        refuseNamespace(resource.getName());
      } catch (RuntimeException e) {
        rejected.add(new Rejected(resource.getName(), e.getMessage()));
      }
    }
    index = PolicyIndex.of(policies.values().stream().map(Policy::compiled).toList());
    wires = policies.values().stream().map(Policy::wire).flatMap(Optional::stream).toList();
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
    PolicyKey key = new PolicyKey(wire.getNamespace(), wire.getName());
    String holder = names.get(key);
    if (holder != null && !holder.equals(name)) {
      throw new IllegalArgumentException(
          "policy %s came before under the name %s".formatted(key, holder));
    }
    try {
      replace(
          name,
          new Policy(Optional.of(wire), CompiledAuthorization.compile(aliases.normalize(wire))));
    } catch (RuntimeException e) {
      if (!wire.getDryRun()) {
        refuse(name, new Policy(Optional.of(wire), refusing(key, scope(wire))));
      }
      throw e;
    }
  }

  /** A scope that is not known is some part of the namespace, or of the mesh. */
  private static Scope scope(Authorization wire) {
    return switch (wire.getScope()) {
      case GLOBAL -> Scope.GLOBAL;
      case WORKLOAD_SELECTOR -> Scope.WORKLOAD_SELECTOR;
      case NAMESPACE, UNRECOGNIZED ->
          wire.getNamespace().isEmpty() ? Scope.GLOBAL : Scope.NAMESPACE;
    };
  }

  /** Of one that cannot even be read, the name tells the namespace. */
  private void refuseNamespace(String name) {
    int slash = name.indexOf('/');
    if (slash > 0 && slash < name.length() - 1) {
      PolicyKey key = new PolicyKey(name.substring(0, slash), name.substring(slash + 1));
      if (names.getOrDefault(key, name).equals(name)) {
        refuse(name, new Policy(Optional.empty(), refusing(key, Scope.NAMESPACE)));
      }
    }
  }

  private void refuse(String name, Policy policy) {
    if (!policies.containsKey(name) || refusing.contains(name)) {
      replace(name, policy);
      refusing.add(name);
      LOG.warn(
          "policy {} cannot be held to: {} refuses all connections until it can",
          policy.compiled().key(),
          switch (policy.compiled().scope()) {
            case GLOBAL -> "the mesh";
            case NAMESPACE -> "namespace " + policy.compiled().key().namespace();
            case WORKLOAD_SELECTOR -> "each workload that names it";
          });
    }
  }

  private void replace(String name, Policy policy) {
    remove(name);
    names.put(policy.compiled().key(), name);
    policies.put(name, policy);
  }

  private void remove(String name) {
    Policy removed = policies.remove(name);
    if (removed != null) {
      names.remove(removed.compiled().key());
      refusing.remove(name);
    }
  }
}
