// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;

import dev.culvert.policy.authz.Condition.Blocks;
import dev.culvert.policy.wire.security.Address;
import dev.culvert.policy.wire.security.Match;
import dev.culvert.policy.wire.security.ServiceAccountMatch;
import dev.culvert.policy.wire.security.StringMatch;
import dev.culvert.policy.wire.security.StringMatch.MatchTypeCase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Turns one match of a policy into its conditions, and refuses values that mean nothing. */
final class MatchCompiler {
  private final PolicyKey policy;
  private final String path;
  private final List<Condition> conditions = new ArrayList<>();

  private MatchCompiler(PolicyKey policy, String path) {
    this.policy = policy;
    this.path = path;
  }

  static Condition[] compile(PolicyKey policy, String path, Match match) {
    MatchCompiler compiler = new MatchCompiler(policy, path);
    compiler.refuseUnknown(match);
    compiler.identity(match);
    compiler.addresses(match);
    compiler.ports(match);
    return compiler.conditions.toArray(Condition[]::new);
  }

  /** A field we do not know could narrow the match: to leave it out would widen the policy. */
  private void refuseUnknown(Match match) {
    String remedy = "update this proxy or remove the field from the policy";
    if (match.getExtensionsCount() > 0) {
      String name = match.getExtensions(0).getName();
      throw invalid("extensions", "extension '" + name + "' is not supported", remedy);
    }
    if (!match.getUnknownFields().asMap().isEmpty()) {
      String numbers = match.getUnknownFields().asMap().keySet().toString();
      throw invalid("fields " + numbers, "they are not known", remedy);
    }
  }

  private void identity(Match m) {
    add("principals", m.getPrincipalsList(), this::texts, Condition.Principal::new);
    addNot("not_principals", m.getNotPrincipalsList(), this::texts, Condition.Principal::new);
    add("namespaces", m.getNamespacesList(), this::texts, Condition.Namespace::new);
    addNot("not_namespaces", m.getNotNamespacesList(), this::texts, Condition.Namespace::new);
    add(
        "service_accounts",
        m.getServiceAccountsList(),
        this::accounts,
        Condition.ServiceAccount::new);
    addNot(
        "not_service_accounts",
        m.getNotServiceAccountsList(),
        this::accounts,
        Condition.ServiceAccount::new);
  }

  private void addresses(Match m) {
    add("source_ips", m.getSourceIpsList(), this::blocks, Condition.SourceIp::new);
    addNot("not_source_ips", m.getNotSourceIpsList(), this::blocks, Condition.SourceIp::new);
    add("destination_ips", m.getDestinationIpsList(), this::blocks, Condition.DestinationIp::new);
    addNot(
        "not_destination_ips",
        m.getNotDestinationIpsList(),
        this::blocks,
        Condition.DestinationIp::new);
  }

  private void ports(Match m) {
    add(
        "destination_ports",
        m.getDestinationPortsList(),
        this::numbers,
        Condition.DestinationPort::new);
    addNot(
        "not_destination_ports",
        m.getNotDestinationPortsList(),
        this::numbers,
        Condition.DestinationPort::new);
  }

  private <W, V> void add(
      String field, List<W> wire, Values<W, V> values, Function<V, ? extends Condition> condition) {
    if (!wire.isEmpty()) {
      conditions.add(condition.apply(values.of(field, wire)));
    }
  }

  private <W, V> void addNot(
      String field, List<W> wire, Values<W, V> values, Function<V, ? extends Condition> condition) {
    add(field, wire, values, v -> new Condition.Not(condition.apply(v)));
  }

  private TextSet texts(String field, List<StringMatch> wire) {
    for (StringMatch match : wire) {
      if (match.getMatchTypeCase() == MatchTypeCase.MATCHTYPE_NOT_SET) {
        throw invalid(
            field, "a value has no known match type", "write exact, prefix, suffix or presence");
      }
    }
    return new TextSet(wire);
  }

  private Map<String, Set<String>> accounts(String field, List<ServiceAccountMatch> wire) {
    for (ServiceAccountMatch account : wire) {
      if (account.getNamespace().isEmpty() || account.getServiceAccount().isEmpty()) {
        throw invalid(
            field, "a value lacks its namespace or service account", "write both of them");
      }
    }
    return wire.stream()
        .collect(
            groupingBy(
                ServiceAccountMatch::getNamespace,
                mapping(ServiceAccountMatch::getServiceAccount, toSet())));
  }

  private Blocks blocks(String field, List<Address> wire) {
    return new Blocks(wire.stream().map(a -> block(field, a)).toArray(Cidr[]::new));
  }

  private Cidr block(String field, Address wire) {
    int bytes = wire.getAddress().size();
    if (bytes != 4 && bytes != 16) {
      throw invalid(
          field, "an address has " + bytes + " bytes", "write 4 bytes for IPv4 or 16 for IPv6");
    }
    if (Integer.compareUnsigned(wire.getLength(), bytes * 8) > 0) {
      String length = Integer.toUnsignedString(wire.getLength());
      throw invalid(field, "prefix length " + length + " is too long", "write 0 to " + bytes * 8);
    }
    return Cidr.of(wire.getAddress().toByteArray(), wire.getLength());
  }

  private int[] numbers(String field, List<Integer> wire) {
    for (int port : wire) {
      if (port < 1 || port > 65535) {
        throw invalid(
            field,
            "port " + Integer.toUnsignedString(port) + " does not exist",
            "write 1 to 65535");
      }
    }
    return wire.stream().mapToInt(Integer::intValue).toArray();
  }

  private InvalidPolicyException invalid(String field, String problem, String remedy) {
    return new InvalidPolicyException(policy, path + "." + field, problem, remedy);
  }

  @FunctionalInterface
  private interface Values<W, V> {
    V of(String field, List<W> wire);
  }
}
