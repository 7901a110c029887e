// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

/** A value that a connection has or has not: what a rule that needs it is found by. */
sealed interface RuleKey {

  /** The whole identity, without its scheme. */
  record Principal(String principal) implements RuleKey {}

  /** A service account, whatever the trust domain. */
  record Account(String namespace, String serviceAccount) implements RuleKey {}

  /** The port the connection goes to. */
  record Port(int port) implements RuleKey {}

  /** A block that the connection comes from. */
  record SourceBlock(Cidr block) implements RuleKey {}

  /** A block that the connection goes to. */
  record DestinationBlock(Cidr block) implements RuleKey {}

  /** The Kubernetes namespace in the identity. */
  record Namespace(String namespace) implements RuleKey {}

  /** Which kind to prefer of two that as many rules share: the lowest says the most. */
  default int rank() {
    return switch (this) {
      case Principal _ -> 0;
      case Account _ -> 1;
      case Port _ -> 2;
      case SourceBlock _ -> 3;
      case DestinationBlock _ -> 4;
      case Namespace _ -> 5;
    };
  }
}
