// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;

/** A service account of a namespace, whatever the trust domain. */
public record ServiceAccountRef(String namespace, String name) {

  /**
   * Reads {@code NAMESPACE/NAME}, or {@code NAME} for one of {@code ownNamespace}.
   *
   * @throws InvalidValueException when the text is neither
   */
  public static ServiceAccountRef parse(String ownNamespace, String text) {
    List<String> parts = List.of(text.split("/", -1));
    if (parts.size() == 1) {
      return new ServiceAccountRef(ownNamespace, Literals.name(text));
    }
    if (parts.size() == 2) {
      return new ServiceAccountRef(
          Literals.namespace(parts.getFirst()), Literals.name(parts.getLast()));
    }
    throw new InvalidValueException(
        "'%s' is no service account".formatted(text), "write NAME or NAMESPACE/NAME");
  }
}
