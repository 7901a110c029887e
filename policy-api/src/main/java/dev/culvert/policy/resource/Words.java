// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.text.Spelling;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** Words of which one has to be written. */
final class Words {
  private Words() {}

  /**
   * What the text stands for.
   *
   * @throws InvalidValueException when it is none of the words, with the one that was meant or all
   */
  static <T> T chosen(String text, Map<String, T> words) {
    T found = words.get(text);
    if (found != null) {
      return found;
    }
    String all = "write one of " + String.join(", ", words.keySet());
    throw new InvalidValueException(
        "'%s' is not known".formatted(text), meant(text, words.keySet()).orElse(all));
  }

  /** A question that names the known word that is nearest to the written one, if one is near. */
  static Optional<String> meant(String written, Collection<String> known) {
    return Spelling.nearest(written, new ArrayList<>(known)).map("did you mean '%s'?"::formatted);
  }
}
