// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.crd;

import java.util.Map;

/** Schemas of the texts that policies compare with, as the readers of the resources take them. */
final class Texts {
  private static final String LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
  private static final String SUBDOMAIN = LABEL + "(\\." + LABEL + ")*";
  private static final String PORT =
      "[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]";

  private Texts() {}

  static Schema some() {
    return Schema.bare("string").with("minLength", 1);
  }

  /** One wildcard may stand at either end. */
  static Schema pattern() {
    return matching("\\*[^*]*|[^*]+\\*?");
  }

  static Schema principal() {
    return pattern().with("not", Map.of("pattern", "^spiffe://"));
  }

  static Schema port() {
    return matching(PORT);
  }

  static Schema serviceAccount() {
    return matching("(" + LABEL + "/)?" + SUBDOMAIN);
  }

  static Schema matching(String whole) {
    return Schema.bare("string").with("pattern", "^(" + whole + ")$");
  }
}
