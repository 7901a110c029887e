// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.crd;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** A kind of group policy.culvert.dev, as its CustomResourceDefinition. */
public final class CustomResource {
  private static final String GROUP = "policy.culvert.dev";
  private static final String VERSION = "v1alpha1";

  private final String kind;
  private final String plural;
  private final Map<String, Object> schema;
  private final List<Map<String, Object>> columns;

  private CustomResource(
      String kind, String plural, Schema schema, List<Map<String, Object>> columns) {
    this.kind = kind;
    this.plural = plural;
    this.schema = schema.keywords();
    this.columns = columns;
  }

  /** Every kind of the group. */
  public static List<CustomResource> all() {
    return List.of(
        new CustomResource(
            "AuthorizationPolicy",
            "authorizationpolicies",
            root(
                "Who may do what, in the shape and meaning of Istio's.",
                AuthorizationPolicySchema.spec()),
            columns("Action", ".spec.action")),
        new CustomResource(
            "PeerAuthentication",
            "peerauthentications",
            root(
                "Whether peers must prove who they are, in the shape and meaning of Istio's.",
                PeerAuthenticationSchema.spec()),
            columns("Mode", ".spec.mtls.mode")),
        new CustomResource(
            "RequestAuthentication",
            "requestauthentications",
            root(
                "Whose tokens requests may carry, in the shape and meaning of Istio's.",
                RequestAuthenticationSchema.spec()),
            columns("Issuer", ".spec.jwtRules[0].issuer")),
        new CustomResource(
            "TrafficPolicy",
            "trafficpolicies",
            root("How requests to services are carried.", TrafficPolicySchema.spec()),
            columns("Algorithm", ".spec.loadBalancing.algorithm")));
  }

  /** Such as {@code AuthorizationPolicy}. */
  public String kind() {
    return kind;
  }

  /** The name of the definition, which is that of the file too. */
  public String name() {
    return plural + "." + GROUP;
  }

  /** The structural schema of the whole resource. */
  Map<String, Object> schema() {
    return schema;
  }

  /** The definition (apiextensions.k8s.io/v1). */
  public String yaml() {
    DumpSettings block =
        DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setWidth(140)
            .setDereferenceAliases(true)
            .setSchema(new QuotedWords())
            .build();
    return new Dump(block).dumpToString(definition());
  }

  private Map<String, Object> definition() {
    return ordered(
        "apiVersion",
        "apiextensions.k8s.io/v1",
        "kind",
        "CustomResourceDefinition",
        "metadata",
        Map.of("name", name()),
        "spec",
        ordered(
            "group",
            GROUP,
            "scope",
            "Namespaced",
            "names",
            names(),
            "versions",
            List.of(version())));
  }

  private Map<String, Object> names() {
    return ordered(
        "kind",
        kind,
        "listKind",
        kind + "List",
        "plural",
        plural,
        "singular",
        kind.toLowerCase(Locale.ROOT),
        "categories",
        List.of("culvert"));
  }

  private Map<String, Object> version() {
    return ordered(
        "name",
        VERSION,
        "served",
        true,
        "storage",
        true,
        "subresources",
        Map.of("status", Map.of()),
        "additionalPrinterColumns",
        columns,
        "schema",
        Map.of("openAPIV3Schema", schema));
  }

  private static Schema root(String description, Schema spec) {
    return Schema.object(description)
        .field("apiVersion", Schema.bare("string"))
        .field("kind", Schema.bare("string"))
        .field("metadata", Schema.bare("object"))
        .field("spec", spec)
        .field("status", StatusSchema.status());
  }

  private static List<Map<String, Object>> columns(String own, String path) {
    return List.of(
        ordered("name", own, "type", "string", "jsonPath", path),
        ordered(
            "name",
            "Accepted",
            "type",
            "string",
            "jsonPath",
            ".status.conditions[?(@.type==\"Accepted\")].status"),
        ordered("name", "Age", "type", "date", "jsonPath", ".metadata.creationTimestamp"));
  }

  /** In the order that people write the fields in. */
  private static Map<String, Object> ordered(Object... namesAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }
}
