// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.translate;

import dev.culvert.policy.resource.AuthorizationRule;
import dev.culvert.policy.resource.Operation;
import dev.culvert.policy.resource.Source;
import dev.culvert.policy.resource.Values;
import dev.culvert.policy.resource.When;
import java.util.Set;
import java.util.TreeSet;

/** The names of the fields of a rule that cannot be judged on the level of connections. */
final class HttpFields {
  private final Set<String> names = new TreeSet<>();

  private HttpFields() {}

  static Set<String> of(AuthorizationRule rule) {
    HttpFields fields = new HttpFields();
    rule.from().forEach(fields::source);
    rule.to().forEach(fields::operation);
    rule.when().forEach(fields::when);
    return fields.names;
  }

  private void source(Source source) {
    add("requestPrincipals", source.requestPrincipals());
    add("remoteIpBlocks", source.remoteIpBlocks());
  }

  private void operation(Operation operation) {
    add("hosts", operation.hosts());
    add("methods", operation.methods());
    add("paths", operation.paths());
  }

  private void when(When when) {
    if (!MatchTranslator.WHEN_KEYS.contains(when.key())) {
      names.add(when.key());
    }
  }

  private void add(String name, Values<?> values) {
    if (!values.isEmpty()) {
      names.add(name);
    }
  }
}
