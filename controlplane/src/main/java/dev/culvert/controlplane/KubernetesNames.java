// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What settings name things of a cluster by. Each throws {@link IllegalArgumentException} with what
 * to write instead.
 */
final class KubernetesNames {
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|[0-9a-fA-F:]+");
  private static final Pattern ACCOUNT =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9.]*[a-z0-9])?");
  private static final Pattern TAINT =
      Pattern.compile(
          "([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
  private static final Pattern QUANTITY =
      Pattern.compile("[0-9]+(\\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?");

  private KubernetesNames() {}

  /** A DNS name or an address. */
  static String name(String text) {
    if (!NAME.matcher(text).matches()) {
      throw new IllegalArgumentException(text + " is neither a DNS name nor an address");
    }
    return text;
  }

  /** Such names between commas; empty for none. */
  static List<String> names(String text) {
    return Arrays.stream(text.split(",", -1))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .map(KubernetesNames::name)
        .toList();
  }

  /** The same, where none makes no sense. */
  static List<String> atLeastOne(String text) {
    List<String> names = names(text);
    if (names.isEmpty()) {
      throw new IllegalArgumentException("name at least one");
    }
    return names;
  }

  /** ServiceAccounts as NAMESPACE/NAME, between commas. */
  static List<String> accounts(String text) {
    return Arrays.stream(text.split(",", -1))
        .map(String::strip)
        .map(KubernetesNames::account)
        .toList();
  }

  private static String account(String text) {
    if (!ACCOUNT.matcher(text).matches()) {
      throw new IllegalArgumentException(text + " is not of the form NAMESPACE/NAME");
    }
    return text;
  }

  /** The key of a taint, if any. */
  static Optional<String> taint(String text) {
    if (!text.isEmpty() && !TAINT.matcher(text).matches()) {
      throw new IllegalArgumentException(
          text + " is no key of a taint; write one as culvert.dev/agent-not-ready, without value");
    }
    return Optional.of(text).filter(one -> !one.isEmpty());
  }

  /** An amount of a resource, as it was written. */
  static String quantity(String text) {
    if (!QUANTITY.matcher(text).matches()) {
      throw new IllegalArgumentException("write a quantity of Kubernetes, as 500m or 1Gi");
    }
    return text;
  }
}
