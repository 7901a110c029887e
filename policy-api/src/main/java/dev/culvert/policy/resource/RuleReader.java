// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

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
    ObjectReader source = from.object("source");
    Source read =
        new Source(
            values(source, "principals", "notPrincipals", Literals::principal),
            values(source, "requestPrincipals", "notRequestPrincipals", Literals::pattern),
            values(source, "namespaces", "notNamespaces", Literals::pattern),
            values(source, "ipBlocks", "notIpBlocks", IpBlock::parse),
            values(source, "remoteIpBlocks", "notRemoteIpBlocks", IpBlock::parse),
            values(source, "serviceAccounts", "notServiceAccounts", this::serviceAccount));
    refuseNothing(from, source, read.equals(Source.NOTHING));
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
    ObjectReader operation = to.object("operation");
    Operation read =
        new Operation(
            values(operation, "hosts", "notHosts", Literals::pattern),
            values(operation, "ports", "notPorts", Literals::port),
            values(operation, "methods", "notMethods", Literals::pattern),
            values(operation, "paths", "notPaths", Literals::path));
    refuseNothing(to, operation, read.equals(Operation.NOTHING));
    return read;
  }

  /** A field that was misspelt or holds a wrong value is an error of its own already. */
  private static void refuseNothing(ObjectReader entry, ObjectReader part, boolean nothing) {
    if (nothing && part.isAllEmpty()) {
      entry.error(part.name(), "it is empty and would match nothing", "add a field to it");
    }
  }

  private static <T> Values<T> values(
      ObjectReader object, String any, String none, Function<String, T> parser) {
    return new Values<>(object.parsedItems(any, parser), object.parsedItems(none, parser));
  }

  private ServiceAccountRef serviceAccount(String text) {
    return ServiceAccountRef.parse(namespace, text);
  }
}
