// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.translate;

import dev.culvert.policy.resource.ResourceKey;

/** What the proxies of pods do not do of a policy, and what follows. */
public record TranslationNotice(ResourceKey policy, String text) {
  /** One line for the operator. */
  @Override
  public String toString() {
    return policy + ": " + text;
  }
}
