// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.function.Function;

/** Reads and checks the rules of an AuthorizationPolicy. */
final class RuleReader {
  private final String namespace;

  RuleReader(String namespace) {
    this.namespace = namespace;
  }

  AuthorizationRule read(ObjectReader rule) {
    refuseEmpty(rule, "from");
    refuseEmpty(rule, "to");
    return new AuthorizationRule(
        rule.objects("from").stream().map(this::source).toList(),
        rule.objects("to").stream().map(RuleReader::operation).toList(),
        rule.objects("when").stream().map(WhenReader::read).toList());
  }

  private static void refuseEmpty(ObjectReader rule, String name) {
    if (rule.isEmptyList(name)) {
      rule.error(name, "it is empty", "add an entry, or remove it to match all");
    }
  }

  private Source source(ObjectReader from) {
    ObjectReader source = part(from, "source");
    Source read =
        new Source(
            values(source, "principals", "notPrincipals", Literals::principal),
            values(source, "requestPrincipals", "notRequestPrincipals", Literals::pattern),
            values(source, "namespaces", "notNamespaces", Literals::pattern),
            values(source, "ipBlocks", "notIpBlocks", IpBlock::parse),
            values(source, "remoteIpBlocks", "notRemoteIpBlocks", IpBlock::parse),
            values(source, "serviceAccounts", "notServiceAccounts", this::serviceAccount));
    if (!read.serviceAccounts().isEmpty()
        && !(read.principals().isEmpty() && read.namespaces().isEmpty())) {
      source.error(
          "serviceAccounts",
          "it cannot stand beside principals or namespaces",
          "use one way to name identities in a source");
    }
    return read;
  }

  private static Operation operation(ObjectReader to) {
    ObjectReader operation = part(to, "operation");
    return new Operation(
        values(operation, "hosts", "notHosts", Literals::pattern),
        values(operation, "ports", "notPorts", Literals::port),
        values(operation, "methods", "notMethods", Literals::pattern),
        values(operation, "paths", "notPaths", Literals::some));
  }

  private static ObjectReader part(ObjectReader entry, String name) {
    ObjectReader part = entry.object(name);
    if (part.names().isEmpty()) {
      entry.error(name, "it is empty and would match nothing", "add a field to it");
    }
    return part;
  }

  private static <T> Values<T> values(
      ObjectReader object, String any, String none, Function<String, T> parser) {
    return new Values<>(object.parsedItems(any, parser), object.parsedItems(none, parser));
  }

  private ServiceAccountRef serviceAccount(String text) {
    return serviceAccount(namespace, text);
  }

  /** {@code NAME} in the policy's own namespace, or {@code NAMESPACE/NAME}. */
  static ServiceAccountRef serviceAccount(String namespace, String text) {
    List<String> parts = List.of(text.split("/", -1));
    if (parts.size() == 1) {
      return new ServiceAccountRef(namespace, Literals.name(text));
    }
    if (parts.size() == 2) {
      return new ServiceAccountRef(
          Literals.namespace(parts.getFirst()), Literals.name(parts.getLast()));
    }
    throw new InvalidValueException(
        "'%s' is no service account".formatted(text), "write NAME or NAMESPACE/NAME");
  }
}
