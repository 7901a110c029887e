// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import com.google.protobuf.TextFormat;
import com.google.protobuf.TextFormat.ParseException;
import dev.culvert.policy.wire.security.Authorization;

/** Policies written as protobuf text, as golden files and logs show them. */
final class Policies {
  private Policies() {}

  static Authorization wire(String text) {
    try {
      return TextFormat.parse(text, Authorization.class);
    } catch (ParseException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** A policy of namespace shop that applies to the workloads that name it. */
  static CompiledAuthorization policy(String text) {
    return CompiledAuthorization.compile(
        wire("name: 'p' namespace: 'shop' scope: WORKLOAD_SELECTOR " + text));
  }

  /** A policy with one rule of one clause of one match. */
  static CompiledAuthorization match(String text) {
    return policy("rules { clauses { matches { " + text + " } } }");
  }
}
