// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import dev.culvert.controlplane.status.Condition;
import java.util.regex.Pattern;

/**
 * The version of the Gateway API's kinds that are installed.
 *
 * @param text as their annotation has it, such as v1.6.0; empty when it is not said
 */
record GatewayApiVersion(String text) {
  /** On each of its CustomResourceDefinitions (Gateway API, GatewayClass, SupportedVersion). */
  static final String ANNOTATION = "gateway.networking.k8s.io/bundle-version";

  /** Before 1.2 features were told in another form. */
  private static final Pattern SUPPORTED = Pattern.compile("v1\\.[2-6]\\.\\d+(-.+)?");

  boolean isSupported() {
    return SUPPORTED.matcher(text).matches();
  }

  /** What a class says of it. */
  Condition condition() {
    return isSupported()
        ? new Condition(
            "SupportedVersion", true, "SupportedVersion", "Gateway API %s".formatted(text))
        : new Condition(
            "SupportedVersion",
            false,
            "UnsupportedVersion",
            "the Gateway API's kinds are of %s, and those of v1.2 to v1.6 are known: what these say is held to, and nothing else"
                .formatted(text.isEmpty() ? "a version that is not said" : text));
  }
}
