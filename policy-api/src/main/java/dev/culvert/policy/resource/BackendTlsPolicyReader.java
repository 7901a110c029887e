// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.BackendTlsPolicyResource.SubjectName;
import dev.culvert.policy.resource.BackendTlsPolicyResource.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads BackendTLSPolicies of the Gateway API. */
final class BackendTlsPolicyReader {
  private static final Map<String, Boolean> WELL_KNOWN = Map.of("System", true);
  private static final Map<String, Boolean> NAME_TYPES = Map.of("Hostname", false, "URI", true);

  private BackendTlsPolicyReader() {}

  static BackendTlsPolicyResource read(ObjectMeta metadata, ObjectReader object) {
    object.know("status");
    ObjectReader spec = object.object("spec");
    spec.know("options");
    spec.require("targetRefs", "name the Services that it is for");
    spec.require("validation", "write who they must prove to be");
    List<Target> targets = new ArrayList<>();
    for (ObjectReader ref : spec.objects("targetRefs")) {
      targets.add(
          new Target(PolicyTargets.target(ref, metadata.namespace()), ref.text("sectionName", "")));
    }
    ObjectReader validation = spec.object("validation");
    List<ObjectRef> authorities =
        validation.objects("caCertificateRefs").stream()
            .map(ref -> ObjectRef.read(ref, "", metadata.namespace()))
            .toList();
    boolean system = validation.choice("wellKnownCACertificates", WELL_KNOWN).orElse(false);
    if (system != authorities.isEmpty()) {
      validation.error(
          "caCertificateRefs",
          "there is one way to know a CA",
          "write caCertificateRefs or wellKnownCACertificates: System");
    }
    validation.require("hostname", "write the name that is asked for in the handshake");
    return new BackendTlsPolicyResource(
        metadata,
        targets,
        authorities,
        system,
        validation.parsed("hostname", Literals::exactHostname).orElse(""),
        validation.objects("subjectAltNames").stream().map(BackendTlsPolicyReader::name).toList());
  }

  private static SubjectName name(ObjectReader name) {
    boolean uri = name.choice("type", NAME_TYPES).orElse(false);
    String field = uri ? "uri" : "hostname";
    name.require(field, "write the name");
    return new SubjectName(
        uri, name.parsed(field, uri ? Literals::some : Literals::hostname).orElse(""));
  }
}
