// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.text.Spelling;
import dev.culvert.policy.yaml.YamlValue;
import dev.culvert.policy.yaml.YamlValue.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Reads one document: a resource, or a {@code List} of them. */
final class DocumentReader {
  private final Findings findings;
  private final int document;
  private final List<LocatedResource> resources = new ArrayList<>();

  DocumentReader(Findings findings, int document) {
    this.findings = findings;
    this.document = document;
  }

  List<LocatedResource> read(YamlValue value) {
    if (value instanceof Fields fields) {
      object(new ObjectReader(findings, "", fields));
    } else if (!value.isNull()) {
      findings.error(
          value.line(),
          "",
          value.kind() + " stands where a resource is needed",
          "write apiVersion, kind and metadata");
    }
    return resources;
  }

  private void object(ObjectReader object) {
    Optional<String> apiVersion = required(object, "apiVersion");
    Optional<String> kind = required(object, "kind");
    if (apiVersion.isEmpty() || kind.isEmpty()) {
      findings.lost(object.line(), "what it is cannot be read; should it be a policy");
      return;
    }
    if (kind.get().equals("List") && apiVersion.get().equals("v1")) {
      object.objects("items").forEach(this::object);
      return;
    }
    Kind.find(apiVersion.get(), kind.get())
        .ifPresentOrElse(
            known -> known(known, apiVersion.get(), object),
            () -> unknown(apiVersion.get(), kind.get(), object));
  }

  private void known(Kind kind, String apiVersion, ObjectReader object) {
    if (!kind.apiVersions().contains(apiVersion)) {
      object.error(
          "apiVersion",
          "version '%s' is not known".formatted(apiVersion),
          "write " + String.join(" or ", new TreeSet<>(kind.apiVersions())));
      lost(kind, object);
      return;
    }
    kind.read(object)
        .ifPresentOrElse(
            resource -> resources.add(located(kind, resource, object)), () -> lost(kind, object));
  }

  private LocatedResource located(Kind kind, Resource resource, ObjectReader object) {
    Optional<String> text =
        kind.isForWaypoints()
            ? Optional.of(ResourceText.of(object.fields(), resource.metadata()))
            : Optional.empty();
    return new LocatedResource(resource, document, object.line(), text);
  }

  private void lost(Kind kind, ObjectReader object) {
    if (kind.isPolicy()) {
      findings.lost(object.line(), kind.name() + " that cannot be read");
    }
  }

  private void unknown(String apiVersion, String kind, ObjectReader object) {
    String meant =
        Spelling.nearest(kind, Kind.names())
            .filter(name -> !name.equals(kind))
            .map("; did you mean %s?"::formatted)
            .orElse("");
    findings.notice(
        object.line(),
        "kind %s of %s is not used and has no effect%s".formatted(kind, apiVersion, meant));
  }

  private static Optional<String> required(ObjectReader object, String name) {
    if (!object.has(name)) {
      object.error(name, "it is missing", "every resource starts with apiVersion and kind");
    }
    return object.text(name);
  }
}
