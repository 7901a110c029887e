// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.text.OneLine;

/** Something in a file that has no effect. */
public record ResourceNotice(String file, int document, int line, String text) {

  static ResourceNotice lost(String file, int document, int line, String what) {
    return new ResourceNotice(
        file, document, line, what + ": nothing stands in for it, and what it forbids is open");
  }

  static ResourceNotice closed(String file, LocatedResource policy) {
    return new ResourceNotice(
        file,
        policy.document(),
        policy.line(),
        policy.resource().key() + " is closed until it is corrected: " + why(policy.resource()));
  }

  /**
   * The same of an object of an API server.
   *
   * @param file what it is called
   */
  public static ResourceNotice closed(String file, Resource policy) {
    return new ResourceNotice(file, 0, 0, "it is closed until it is corrected: " + why(policy));
  }

  private static String why(Resource policy) {
    return policy instanceof BackendTlsPolicyResource
        ? "who its services must prove to be is not known, so nothing is sent to them"
        : "what it would forbid is not known, so it forbids everything to the workloads that it"
            + " applies to";
  }

  /** One line for the operator. */
  @Override
  public String toString() {
    if (document == 0) {
      return OneLine.of("%s: %s".formatted(file, text));
    }
    return OneLine.of("%s: document %d, line %d: %s".formatted(file, document, line, text));
  }
}
