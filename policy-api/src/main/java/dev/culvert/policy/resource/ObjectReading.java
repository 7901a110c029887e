// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.yaml.YamlValue;
import java.util.List;
import java.util.Optional;

/**
 * What one object of an API server says: read by the same rules as a document of a file.
 *
 * @param resource empty when the object has an error, or is of a kind that is not read
 * @param standIn for a policy with an error: the closed one to hold to while no better is known
 * @param text what was written, of kinds that waypoints are told
 */
public record ObjectReading(
    Optional<Resource> resource,
    Optional<Resource> standIn,
    Optional<String> text,
    List<ResourceError> errors,
    List<ResourceNotice> notices) {

  public ObjectReading {
    errors = List.copyOf(errors);
    notices = List.copyOf(notices);
  }

  /**
   * Reads one object.
   *
   * @param origin names the object in what is said about it
   */
  public static ObjectReading of(String origin, YamlValue object) {
    Findings findings = new Findings(origin, 0);
    Optional<LocatedResource> located =
        new DocumentReader(findings, 0).read(object).stream().findFirst();
    Optional<Resource> read = located.map(LocatedResource::resource);
    Optional<String> text = located.flatMap(LocatedResource::text);
    return findings.errors().isEmpty()
        ? new ObjectReading(read, Optional.empty(), text, List.of(), findings.notices())
        : new ObjectReading(
            Optional.empty(),
            read.flatMap(one -> ClosedPolicy.of(one, findings.errors())),
            text,
            findings.errors(),
            findings.notices());
  }
}
