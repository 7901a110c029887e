// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

import dev.culvert.policy.authz.IpNumber;
import dev.culvert.policy.resource.IpBlock;
import dev.culvert.policy.resource.ServiceAccountRef;
import dev.culvert.policy.resource.When;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Makes the checks of conditions. */
final class ConditionCompiler {
  private static final String HEADERS = "request.headers[";
  private static final String CLAIMS = "request.auth.claims[";

  private final String namespace;
  private final boolean forbids;

  ConditionCompiler(String namespace, boolean forbids) {
    this.namespace = namespace;
    this.forbids = forbids;
  }

  Check compile(When when) {
    List<String> any = when.values().any();
    List<String> none = when.values().none();
    List<Check> checks = new ArrayList<>();
    if (!any.isEmpty()) {
      checks.add(check(when.key(), any, forbids));
    }
    if (!none.isEmpty()) {
      Check unwanted = check(when.key(), none, !forbids);
      checks.add(facts -> !unwanted.holds(facts));
    }
    Check[] all = checks.toArray(Check[]::new);
    return facts -> Check.all(all, facts);
  }

  /**
   * What is written for an attribute.
   *
   * @param one whether one value of several is enough; else all must match, and there must be one
   */
  private Check check(String key, List<String> values, boolean one) {
    return switch (key) {
      case "source.ip" -> addresses(values, RequestFacts::peer);
      case "remote.ip" -> addresses(values, RequestFacts::client);
      case "destination.ip" -> addresses(values, RequestFacts::destination);
      case "destination.port" -> port(values);
      case "source.namespace" -> RuleCompiler.namespaces(values);
      case "source.principal" -> RuleCompiler.principals(values);
      case "source.serviceAccount" -> RuleCompiler.accounts(accounts(values));
      case "connection.sni" -> RuleCompiler.texts(values, RequestFacts::serverName);
      case "request.auth.principal" -> RuleCompiler.requestPrincipals(values);
      case "request.auth.audiences" -> claim(List.of("aud"), values);
      case "request.auth.presenter" -> claim(List.of("azp"), values);
      default -> named(key, values, one);
    };
  }

  private static Check named(String key, List<String> values, boolean one) {
    if (key.startsWith(HEADERS)) {
      return header(key.substring(HEADERS.length(), key.length() - 1), values, one);
    }
    return claim(path(key), values);
  }

  /** A list is a claim that its bearer has each value of: one is enough. */
  private static Check claim(List<String> path, List<String> values) {
    TextPatterns wanted = new TextPatterns(values);
    return facts -> matches(wanted, facts.token().claim(path), true);
  }

  /** Fields of one name that a proxy and an app could read in two ways are read the strict way. */
  private static Check header(String name, List<String> values, boolean one) {
    TextPatterns wanted = new TextPatterns(values);
    String lower = name.toLowerCase(Locale.ROOT);
    return facts -> matches(wanted, facts.header(lower), one);
  }

  private static boolean matches(TextPatterns wanted, List<String> values, boolean one) {
    for (int i = 0; i < values.size(); i++) {
      if (wanted.matches(values.get(i)) == one) {
        return one;
      }
    }
    return !one && !values.isEmpty();
  }

  /** {@code request.auth.claims[a][b]} is {@code a}, {@code b}. */
  private static List<String> path(String key) {
    String names = key.substring(CLAIMS.length(), key.length() - 1);
    return List.of(names.split("\\]\\[", -1));
  }

  private static Check addresses(List<String> values, Function<RequestFacts, IpNumber> address) {
    return RuleCompiler.addresses(values.stream().map(IpBlock::parse).toList(), address);
  }

  private static Check port(List<String> values) {
    List<Integer> ports = values.stream().map(Integer::valueOf).toList();
    return facts -> ports.contains(facts.port());
  }

  private List<ServiceAccountRef> accounts(List<String> values) {
    return values.stream().map(value -> ServiceAccountRef.parse(namespace, value)).toList();
  }
}
