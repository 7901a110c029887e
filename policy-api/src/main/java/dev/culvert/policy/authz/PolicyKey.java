// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

/**
 * The name of a policy.
 *
 * @param namespace the namespace it lives in; may be empty for mesh-wide policies
 * @param name its name, never empty
 */
public record PolicyKey(String namespace, String name) {

  /**
   * Reads {@code NAMESPACE/NAME}, as a workload lists its policies.
   *
   * @throws IllegalArgumentException when the text has another form
   */
  public static PolicyKey parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || slash == text.length() - 1 || text.indexOf('/', slash + 1) >= 0) {
      throw new IllegalArgumentException(
          "policy key '%s': write it as NAMESPACE/NAME".formatted(text));
    }
    return new PolicyKey(text.substring(0, slash), text.substring(slash + 1));
  }

  /** {@code NAMESPACE/NAME}. */
  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
