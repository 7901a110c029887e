// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.ReferenceGrantResource.From;
import dev.culvert.policy.resource.ReferenceGrantResource.To;

/** Reads ReferenceGrants of the Gateway API. */
final class ReferenceGrantReader {
  private ReferenceGrantReader() {}

  static ReferenceGrantResource read(ObjectMeta metadata, ObjectReader grant) {
    grant.know("status");
    ObjectReader spec = grant.object("spec");
    return new ReferenceGrantResource(
        metadata,
        spec.objects("from").stream().map(ReferenceGrantReader::from).toList(),
        spec.objects("to").stream().map(ReferenceGrantReader::to).toList());
  }

  private static From from(ObjectReader from) {
    from.require("kind", "name the kind that may refer, as HTTPRoute");
    from.require("namespace", "name the namespace that may refer");
    return new From(
        from.text("group", ""),
        from.text("kind", ""),
        from.parsed("namespace", Literals::namespace).orElse(""));
  }

  private static To to(ObjectReader to) {
    to.require("kind", "name the kind that may be referred to, as Service");
    return new To(to.text("group", ""), to.text("kind", ""), to.text("name"));
  }
}
