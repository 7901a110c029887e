// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.translate;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.culvert.policy.resource.IpBlock;
import dev.culvert.policy.resource.Operation;
import dev.culvert.policy.resource.ServiceAccountRef;
import dev.culvert.policy.resource.Source;
import dev.culvert.policy.resource.When;
import dev.culvert.policy.wire.security.Address;
import dev.culvert.policy.wire.security.Match;
import dev.culvert.policy.wire.security.ServiceAccountMatch;
import dev.culvert.policy.wire.security.StringMatch;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Translates what connections can be judged by; the rest is left out. */
final class MatchTranslator {
  static final Set<String> WHEN_KEYS =
      Set.of(
          "source.ip",
          "source.namespace",
          "source.principal",
          "source.serviceAccount",
          "destination.ip",
          "destination.port");

  private final String namespace;

  /** For a policy of that namespace. */
  MatchTranslator(String namespace) {
    this.namespace = namespace;
  }

  Match source(Source source) {
    return Match.newBuilder()
        .addAllPrincipals(map(source.principals().any(), MatchTranslator::text))
        .addAllNotPrincipals(map(source.principals().none(), MatchTranslator::text))
        .addAllNamespaces(map(source.namespaces().any(), MatchTranslator::text))
        .addAllNotNamespaces(map(source.namespaces().none(), MatchTranslator::text))
        .addAllSourceIps(map(source.ipBlocks().any(), MatchTranslator::address))
        .addAllNotSourceIps(map(source.ipBlocks().none(), MatchTranslator::address))
        .addAllServiceAccounts(map(source.serviceAccounts().any(), MatchTranslator::account))
        .addAllNotServiceAccounts(map(source.serviceAccounts().none(), MatchTranslator::account))
        .build();
  }

  Match operation(Operation operation) {
    return Match.newBuilder()
        .addAllDestinationPorts(operation.ports().any())
        .addAllNotDestinationPorts(operation.ports().none())
        .build();
  }

  Match when(When when) {
    List<String> any = when.values().any();
    List<String> none = when.values().none();
    Match.Builder match = Match.newBuilder();
    switch (when.key()) {
      case "source.ip" ->
          match
              .addAllSourceIps(map(any, MatchTranslator::address))
              .addAllNotSourceIps(map(none, MatchTranslator::address));
      case "source.namespace" ->
          match
              .addAllNamespaces(map(any, MatchTranslator::text))
              .addAllNotNamespaces(map(none, MatchTranslator::text));
      case "source.principal" ->
          match
              .addAllPrincipals(map(any, MatchTranslator::text))
              .addAllNotPrincipals(map(none, MatchTranslator::text));
      case "source.serviceAccount" ->
          match
              .addAllServiceAccounts(map(any, this::account))
              .addAllNotServiceAccounts(map(none, this::account));
      case "destination.ip" ->
          match
              .addAllDestinationIps(map(any, MatchTranslator::address))
              .addAllNotDestinationIps(map(none, MatchTranslator::address));
      case "destination.port" ->
          match
              .addAllDestinationPorts(map(any, Integer::valueOf))
              .addAllNotDestinationPorts(map(none, Integer::valueOf));
      default -> {}
    }
    return match.build();
  }

  private static StringMatch text(String pattern) {
    StringMatch.Builder match = StringMatch.newBuilder();
    if (pattern.equals("*")) {
      return match.setPresence(Empty.getDefaultInstance()).build();
    }
    if (pattern.startsWith("*")) {
      return match.setSuffix(pattern.substring(1)).build();
    }
    if (pattern.endsWith("*")) {
      return match.setPrefix(pattern.substring(0, pattern.length() - 1)).build();
    }
    return match.setExact(pattern).build();
  }

  private static Address address(String text) {
    return address(IpBlock.parse(text));
  }

  private static Address address(IpBlock block) {
    return Address.newBuilder()
        .setAddress(ByteString.copyFrom(block.address().getAddress()))
        .setLength(block.prefix())
        .build();
  }

  private ServiceAccountMatch account(String text) {
    return account(ServiceAccountRef.parse(namespace, text));
  }

  private static ServiceAccountMatch account(ServiceAccountRef account) {
    return ServiceAccountMatch.newBuilder()
        .setNamespace(account.namespace())
        .setServiceAccount(account.name())
        .build();
  }

  private static <A, B> List<B> map(List<A> values, Function<A, B> mapper) {
    return values.stream().map(mapper).toList();
  }
}
