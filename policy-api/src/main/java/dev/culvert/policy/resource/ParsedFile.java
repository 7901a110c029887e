// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.yaml.YamlDocuments;
import dev.culvert.policy.yaml.YamlException;
import dev.culvert.policy.yaml.YamlValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a file says.
 *
 * @param errors when there are any, nothing of the file is taken
 * @param standIns its policies, those with an error closed: to hold to while nothing better is
 *     known
 * @param closed which of them are
 * @param lost what may be a policy that nothing can stand in for
 */
record ParsedFile(
    List<LocatedResource> resources,
    List<ResourceError> errors,
    List<ResourceNotice> notices,
    List<LocatedResource> standIns,
    Set<ResourceKey> closed,
    List<ResourceNotice> lost) {

  /** Whoever reads the log mends the first ones first. */
  static final int MAX_ERRORS = 50;

  static ParsedFile parse(String file, String content) {
    List<YamlValue> documents;
    try {
      documents = YamlDocuments.read(content);
    } catch (YamlException e) {
      ResourceError error =
          new ResourceError(file, e.document(), "", e.line(), e.problem(), e.remedy());
      ResourceNotice lost =
          ResourceNotice.lost(
              file, e.document(), e.line(), "the file cannot be read; should it hold a policy");
      return new ParsedFile(
          List.of(), List.of(error), List.of(), List.of(), Set.of(), List.of(lost));
    }
    return read(file, documents);
  }

  /**
   * The same, with the objects of before for what says the same: who goes by them sees that nothing
   * changed without looking.
   */
  ParsedFile keeping(List<LocatedResource> before) {
    Map<ResourceKey, Resource> known = new HashMap<>();
    before.forEach(one -> known.put(one.resource().key(), one.resource()));
    return new ParsedFile(
        resources.stream().map(one -> one.keeping(known)).toList(),
        errors,
        notices,
        standIns,
        closed,
        lost);
  }

  private static ParsedFile read(String file, List<YamlValue> documents) {
    ParsedFile parsed =
        new ParsedFile(
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new HashSet<>(),
            new ArrayList<>());
    for (int i = 0; i < documents.size(); i++) {
      Findings findings = new Findings(file, i + 1);
      List<LocatedResource> read = new DocumentReader(findings, i + 1).read(documents.get(i));
      parsed.resources.addAll(read);
      read.forEach(one -> parsed.standIn(one, findings.errors()));
      parsed.errors.addAll(findings.errors());
      parsed.notices.addAll(findings.notices());
      parsed.lost.addAll(findings.lost());
    }
    parsed.refuseDuplicates(file);
    return new ParsedFile(
        parsed.resources,
        parsed.errors.stream().limit(MAX_ERRORS).toList(),
        parsed.notices,
        parsed.standIns,
        parsed.closed,
        parsed.lost);
  }

  /** A policy that reads well is what was meant, although its file is not taken. */
  private void standIn(LocatedResource read, List<ResourceError> errors) {
    ClosedPolicy.of(read.resource(), errors)
        .map(closed -> errors.isEmpty() ? read.resource() : closed)
        .map(read::with)
        .filter(one -> standIns.stream().noneMatch(other -> other.sameKey(one)))
        .ifPresent(one -> standIn(one, !errors.isEmpty()));
  }

  private void standIn(LocatedResource policy, boolean isClosed) {
    standIns.add(policy);
    if (isClosed) {
      closed.add(policy.resource().key());
    }
  }

  private void refuseDuplicates(String file) {
    Map<ResourceKey, LocatedResource> seen = new HashMap<>();
    for (LocatedResource located : resources) {
      LocatedResource first = seen.putIfAbsent(located.resource().key(), located);
      if (first != null) {
        errors.add(
            new ResourceError(
                file,
                located.document(),
                "",
                located.line(),
                "%s is defined twice, first on line %d"
                    .formatted(located.resource().key(), first.line()),
                "keep one of them"));
      }
    }
  }
}
