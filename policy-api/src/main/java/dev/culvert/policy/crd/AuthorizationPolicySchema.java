// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.crd;

import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.When;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The spec of an AuthorizationPolicy. */
final class AuthorizationPolicySchema {
  /** Of rules and of sources in one: the bound that keeps the CEL rules within their budget. */
  private static final int MOST = 512;

  /** Of values in one field. */
  private static final int MOST_VALUES = 4096;

  private AuthorizationPolicySchema() {}

  static Schema spec() {
    return Schema.object("Who may do what.")
        .field("selector", Selectors.selector())
        .field("targetRef", Selectors.target("The Gateway or Service it is attached to."))
        .field(
            "targetRefs",
            Schema.list(
                "The Gateways or Services it is attached to; then the waypoint enforces it and the"
                    + " node proxies ignore it.",
                16,
                Selectors.target("A Gateway or Service of the policy's namespace.")))
        .field(
            "action",
            Schema.choice(
                "What a match leads to; ALLOW by default.", AuthorizationPolicy.Action.class))
        .field(
            "provider",
            Schema.object("Who decides, for action CUSTOM.")
                .field("name", Schema.text("The name of the provider.").with("minLength", 1))
                .required("name"))
        .field(
            "rules",
            Schema.list(
                "One rule that matches is enough. None never matches: with action ALLOW, nothing is"
                    + " allowed.",
                MOST,
                rule()))
        .rule(
            "!(has(self.selector) && has(self.selector.matchLabels)"
                + " && size(self.selector.matchLabels) > 0 && (has(self.targetRef)"
                + " || (has(self.targetRefs) && size(self.targetRefs) > 0)))",
            "selector cannot stand beside targetRefs; remove one of them")
        .rule(
            "(has(self.action) && self.action == 'CUSTOM') == has(self.provider)",
            "action CUSTOM needs a provider, and no other action has one; add provider.name or"
                + " change the action");
  }

  private static Schema rule() {
    return Schema.object("A source, an operation and every condition must match.")
        .field(
            "from",
            entries(
                "Where requests come from; one is enough, absent means any.", "source", source()))
        .field(
            "to",
            entries(
                "What is asked for; one is enough, absent means any.", "operation", operation()))
        .field("when", Schema.list("Conditions; all are needed.", MOST, when()));
  }

  private static Schema entries(String description, String name, Schema part) {
    Schema entry = Schema.object("An alternative.").field(name, part).required(name);
    return Schema.list(description, MOST, entry).with("minItems", 1);
  }

  private static Schema source() {
    Schema fields = Schema.object("Every field that is written must match.");
    fields =
        twins(
            fields,
            "principals",
            "Identities from mutual TLS, such as cluster.local/ns/shop/sa/web",
            Texts.principal());
    fields =
        twins(
            fields,
            "requestPrincipals",
            "Identities from tokens (needs a waypoint)",
            Texts.pattern());
    fields = twins(fields, "namespaces", "Namespaces of the peer's identity", Texts.pattern());
    fields = twins(fields, "ipBlocks", "Addresses or CIDR blocks of the peer", Texts.some());
    fields =
        twins(
            fields,
            "remoteIpBlocks",
            "Addresses or CIDR blocks of the client behind trusted proxies (needs a waypoint)",
            Texts.some());
    return twins(
            fields,
            "serviceAccounts",
            "Service accounts as NAME or NAMESPACE/NAME, in any trust domain",
            Texts.serviceAccount())
        .rule(
            "!(has(self.serviceAccounts) || has(self.notServiceAccounts))"
                + " || !(has(self.principals) || has(self.notPrincipals)"
                + " || has(self.namespaces) || has(self.notNamespaces))",
            "serviceAccounts cannot stand beside principals or namespaces; use one way to name"
                + " identities in a source");
  }

  private static Schema operation() {
    Schema fields = Schema.object("Every field that is written must match.");
    fields = twins(fields, "hosts", "Host names (needs a waypoint)", Texts.pattern());
    fields = twins(fields, "ports", "Ports of the workload", Texts.port());
    fields = twins(fields, "methods", "HTTP methods (needs a waypoint)", Texts.pattern());
    return twins(fields, "paths", "HTTP paths (needs a waypoint)", Texts.some());
  }

  private static Schema when() {
    String plain =
        When.KEYS.stream().map(key -> key.replace(".", "\\.")).collect(Collectors.joining("|"));
    Pattern named = When.KEYS_WITH_NAMES;
    Schema key =
        Texts.matching(plain + "|" + named)
            .with("description", "The attribute, such as source.ip or request.headers[x-user].");
    Schema fields = Schema.object("A condition on an attribute.").field("key", key);
    return twins(fields, "values", "Values of the attribute", Texts.some())
        .required("key")
        .rule(
            "(has(self.values) && size(self.values) > 0)"
                + " || (has(self.notValues) && size(self.notValues) > 0)",
            "neither values nor notValues holds anything; add a value to one");
  }

  /** A field and the one that excludes. */
  private static Schema twins(Schema object, String name, String what, Schema value) {
    String not = "not" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
    return object
        .field(name, Schema.list(what + "; one must match.", MOST_VALUES, value))
        .field(not, Schema.list(what + "; not one may match.", MOST_VALUES, value));
  }
}
