// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;

/**
 * How the certificates of clients are verified.
 *
 * @param authorities what holds the certificates of the CAs that may have signed them
 * @param insecureFallback whether a client without a valid certificate is let in and told apart
 */
public record ClientValidation(List<ObjectRef> authorities, boolean insecureFallback) {
  public ClientValidation {
    authorities = List.copyOf(authorities);
  }
}
