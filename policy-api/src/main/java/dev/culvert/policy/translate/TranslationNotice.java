// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.translate;

import dev.culvert.policy.resource.ResourceKey;

/** What is not done of a resource as it says, and what follows. */
public record TranslationNotice(ResourceKey policy, Effect effect, String text) {

  /** What is left of it. */
  public enum Effect {
    /** Nothing: it asks for what does not go. */
    NOTHING,
    /** Nothing: another goes before it. */
    OVERRIDDEN,
    /** A part, or all of it otherwise than it says. */
    PART,
    /** All of it, elsewhere than in proxies of pods. */
    ELSEWHERE
  }

  /** About something of which a part is left. */
  public TranslationNotice(ResourceKey policy, String text) {
    this(policy, Effect.PART, text);
  }

  /** One line for the operator. */
  @Override
  public String toString() {
    return policy + ": " + text;
  }
}
