// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

import java.util.List;

/** What a verified token (RFC 7519) says of its bearer. */
public interface TokenFacts {
  /** Of a request without a token that was verified: what it claims counts for nothing. */
  TokenFacts NONE =
      new TokenFacts() {
        @Override
        public String principal() {
          return "";
        }

        @Override
        public List<String> claim(List<String> path) {
          return List.of();
        }
      };

  /** Issuer and subject, as {@code ISS/SUB}; empty without a token. */
  String principal();

  /**
   * The values of a claim as texts: one of a text, number or truth value, all of a list, none of
   * what is not there.
   *
   * @param path the claim's name, and the names within it
   */
  List<String> claim(List<String> path);
}
