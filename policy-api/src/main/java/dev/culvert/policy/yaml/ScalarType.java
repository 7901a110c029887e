// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.yaml;

/** What a scalar is, by the core schema of YAML 1.2. */
public enum ScalarType {
  /** Text, quoted or not. */
  TEXT,
  /** A whole number. */
  INTEGER,
  /** A number with a fraction or exponent. */
  DECIMAL,
  /** True or false. */
  FLAG,
  /** Nothing, null or a tilde. */
  NULL
}
