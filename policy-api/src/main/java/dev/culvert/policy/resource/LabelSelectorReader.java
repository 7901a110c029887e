// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.LabelSelector.Operator;
import dev.culvert.policy.resource.LabelSelector.Requirement;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Reads label selectors. */
final class LabelSelectorReader {
  private static final Map<String, Operator> OPERATORS =
      Map.of(
          "In", Operator.IN,
          "NotIn", Operator.NOT_IN,
          "Exists", Operator.EXISTS,
          "DoesNotExist", Operator.DOES_NOT_EXIST);

  private LabelSelectorReader() {}

  static LabelSelector read(ObjectReader selector) {
    return new LabelSelector(
        selector.textMap("matchLabels"),
        selector.objects("matchExpressions").stream()
            .map(LabelSelectorReader::requirement)
            .toList());
  }

  private static Requirement requirement(ObjectReader one) {
    one.require("key", "name the label");
    one.require("operator", "write In, NotIn, Exists or DoesNotExist");
    Operator operator = one.choice("operator", OPERATORS).orElse(Operator.EXISTS);
    Set<String> values = new HashSet<>(one.parsedItems("values", text -> text));
    boolean wantsValues = operator == Operator.IN || operator == Operator.NOT_IN;
    if (wantsValues && values.isEmpty()) {
      one.error("values", "the operator needs some", "write at least one");
    }
    if (!wantsValues && !values.isEmpty()) {
      one.error("values", "the operator takes none", "remove them");
    }
    return new Requirement(one.text("key", ""), operator, values);
  }
}
