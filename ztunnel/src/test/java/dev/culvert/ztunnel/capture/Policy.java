// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

/** Policies in protobuf's text form. */
final class Policy {
  private Policy() {}

  /** Pod client may connect to nobody in namespace shop. */
  static String allowClient() {
    return """
        name: "client" namespace: "shop" scope: NAMESPACE action: ALLOW
        rules { clauses { matches { principals { exact: "cluster.local/ns/shop/sa/client" } } } }
        """;
  }

  static String denyClient() {
    return """
        name: "no-client" namespace: "shop" scope: NAMESPACE action: DENY
        rules { clauses { matches { principals { exact: "cluster.local/ns/shop/sa/client" } } } }
        """;
  }

  /** Only who has proved an identity. */
  static String strict() {
    return """
        name: "strict" namespace: "shop" scope: NAMESPACE action: DENY
        rules { clauses { matches { not_principals { presence {} } } } }
        """;
  }
}
