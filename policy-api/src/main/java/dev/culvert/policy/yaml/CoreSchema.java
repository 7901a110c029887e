// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.yaml;

import java.util.regex.Pattern;

/** What a plain scalar means, by the core schema of YAML 1.2 section 10.3.2. */
final class CoreSchema {
  private static final Pattern NULL = Pattern.compile("|~|null|Null|NULL");
  private static final Pattern FLAG = Pattern.compile("true|True|TRUE|false|False|FALSE");
  private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+");
  private static final Pattern DECIMAL =
      Pattern.compile(
          "[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?"
              + "|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

  private CoreSchema() {}

  static ScalarType type(String plain) {
    if (NULL.matcher(plain).matches()) {
      return ScalarType.NULL;
    }
    if (FLAG.matcher(plain).matches()) {
      return ScalarType.FLAG;
    }
    if (INTEGER.matcher(plain).matches()) {
      return ScalarType.INTEGER;
    }
    return DECIMAL.matcher(plain).matches() ? ScalarType.DECIMAL : ScalarType.TEXT;
  }
}
