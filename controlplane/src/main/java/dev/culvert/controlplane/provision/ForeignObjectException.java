// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

/** An object of a name that is needed belongs to somebody else. */
final class ForeignObjectException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param object its kind and name
   */
  ForeignObjectException(String object) {
    super(
        ("%s is there and was not made for this Gateway: rename the Gateway, or remove what has"
                + " its name")
            .formatted(object));
  }
}
