// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Selects by labels; every requirement must hold. One without requirements matches everything. */
public record LabelSelector(Map<String, String> labels, List<Requirement> requirements) {

  /** What is asked of a label. */
  public enum Operator {
    IN,
    NOT_IN,
    EXISTS,
    DOES_NOT_EXIST
  }

  /**
   * One requirement.
   *
   * @param values for IN and NOT_IN
   */
  public record Requirement(String key, Operator operator, Set<String> values) {
    public Requirement {
      values = Set.copyOf(values);
    }

    /** Kubernetes takes a label that is not there as one that is not in any set. */
    boolean holds(Map<String, String> labels) {
      String value = labels.get(key);
      return switch (operator) {
        case IN -> value != null && values.contains(value);
        case NOT_IN -> value == null || !values.contains(value);
        case EXISTS -> value != null;
        case DOES_NOT_EXIST -> value == null;
      };
    }
  }

  public LabelSelector {
    labels = Map.copyOf(labels);
    requirements = List.copyOf(requirements);
  }

  /** Whether what has these labels is selected. */
  public boolean matches(Map<String, String> other) {
    return other.entrySet().containsAll(labels.entrySet())
        && requirements.stream().allMatch(requirement -> requirement.holds(other));
  }
}
