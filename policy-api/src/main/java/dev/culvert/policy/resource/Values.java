// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;

/**
 * The values of a field and of its {@code not} twin.
 *
 * @param any one must match; empty means that the field does not matter
 * @param none not one may match
 */
public record Values<T>(List<T> any, List<T> none) {
  public Values {
    any = List.copyOf(any);
    none = List.copyOf(none);
  }

  /** A field that is not written. */
  public static <T> Values<T> nothing() {
    return new Values<>(List.of(), List.of());
  }

  /** Whether the field is not written at all. */
  public boolean isEmpty() {
    return any.isEmpty() && none.isEmpty();
  }
}
