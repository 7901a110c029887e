// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

import dev.culvert.policy.authz.IpNumber;
import dev.culvert.policy.resource.AuthorizationRule;
import dev.culvert.policy.resource.IpBlock;
import dev.culvert.policy.resource.Operation;
import dev.culvert.policy.resource.ServiceAccountRef;
import dev.culvert.policy.resource.Source;
import dev.culvert.policy.resource.Values;
import dev.culvert.policy.spiffe.SpiffeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Makes the checks of rules. */
final class RuleCompiler {
  private final ConditionCompiler conditions;

  /**
   * @param namespace of the policy
   * @param forbids whether a match forbids, so that what has several values matches by one of them
   */
  RuleCompiler(String namespace, boolean forbids) {
    this.conditions = new ConditionCompiler(namespace, forbids);
  }

  /** A request must satisfy a source, an operation, and every condition. */
  Check compile(AuthorizationRule rule) {
    Check[] from = rule.from().stream().map(RuleCompiler::source).toArray(Check[]::new);
    Check[] to = rule.to().stream().map(RuleCompiler::operation).toArray(Check[]::new);
    Check[] when = rule.when().stream().map(conditions::compile).toArray(Check[]::new);
    return facts ->
        (from.length == 0 || Check.any(from, facts))
            && (to.length == 0 || Check.any(to, facts))
            && Check.all(when, facts);
  }

  private static Check source(Source source) {
    List<Check> checks = new ArrayList<>();
    add(checks, source.principals(), RuleCompiler::principals);
    add(checks, source.requestPrincipals(), RuleCompiler::requestPrincipals);
    add(checks, source.namespaces(), RuleCompiler::namespaces);
    add(checks, source.serviceAccounts(), RuleCompiler::accounts);
    add(checks, source.ipBlocks(), blocks -> addresses(blocks, RequestFacts::peer));
    add(checks, source.remoteIpBlocks(), blocks -> addresses(blocks, RequestFacts::client));
    return all(checks);
  }

  private static Check operation(Operation operation) {
    List<Check> checks = new ArrayList<>();
    add(checks, operation.hosts(), RuleCompiler::hosts);
    add(checks, operation.ports(), ports -> facts -> ports.contains(facts.port()));
    add(checks, operation.methods(), methods -> texts(methods, RequestFacts::method));
    add(checks, operation.paths(), RuleCompiler::paths);
    return all(checks);
  }

  private static Check all(List<Check> checks) {
    Check[] array = checks.toArray(Check[]::new);
    return facts -> Check.all(array, facts);
  }

  private static <T> void add(
      List<Check> checks, Values<T> values, Function<List<T>, Check> compiler) {
    if (!values.any().isEmpty()) {
      checks.add(compiler.apply(values.any()));
    }
    if (!values.none().isEmpty()) {
      Check unwanted = compiler.apply(values.none());
      checks.add(facts -> !unwanted.holds(facts));
    }
  }

  static Check principals(List<String> patterns) {
    return identity(patterns, SpiffeId::principal);
  }

  static Check namespaces(List<String> patterns) {
    return identity(patterns, id -> id.namespace().orElse(""));
  }

  private static Check identity(List<String> patterns, Function<SpiffeId, String> part) {
    TextPatterns wanted = new TextPatterns(patterns);
    return facts -> facts.source().isPresent() && wanted.matches(part.apply(facts.source().get()));
  }

  static Check accounts(List<ServiceAccountRef> accounts) {
    Set<ServiceAccountRef> wanted = Set.copyOf(accounts);
    return facts ->
        facts.source().flatMap(RuleCompiler::account).filter(wanted::contains).isPresent();
  }

  private static Optional<ServiceAccountRef> account(SpiffeId id) {
    return id.namespace()
        .flatMap(
            namespace -> id.serviceAccount().map(name -> new ServiceAccountRef(namespace, name)));
  }

  static Check requestPrincipals(List<String> patterns) {
    return texts(patterns, facts -> facts.token().principal());
  }

  static Check addresses(List<IpBlock> blocks, Function<RequestFacts, IpNumber> address) {
    AddressBlocks wanted = new AddressBlocks(blocks);
    return facts -> wanted.contain(address.apply(facts));
  }

  static Check texts(List<String> patterns, Function<RequestFacts, String> text) {
    TextPatterns wanted = new TextPatterns(patterns);
    return facts -> wanted.matches(text.apply(facts));
  }

  /** Case does not matter; a pattern without a port takes every port. */
  private static Check hosts(List<String> patterns) {
    TextPatterns wanted =
        new TextPatterns(patterns.stream().map(one -> one.toLowerCase(Locale.ROOT)).toList());
    return facts -> wanted.matches(facts.host()) || wanted.matches(facts.authority());
  }

  private static Check paths(List<String> patterns) {
    PathPatterns wanted = new PathPatterns(patterns);
    return facts -> wanted.matches(facts.path());
  }
}
