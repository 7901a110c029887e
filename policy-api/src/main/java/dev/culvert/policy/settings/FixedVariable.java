// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.settings;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A variable of another program that has no setting here: what it asks for is done anyway, or is
 * not done.
 *
 * @param variable its name
 * @param same values, in lower case, that ask for what is done anyway
 * @param otherwise what becomes of other values
 * @param why it is so, and the remedy
 */
public record FixedVariable(String variable, List<String> same, Otherwise otherwise, String why) {

  /** What becomes of a value that cannot be followed. */
  public enum Otherwise {
    /** The process does not start: somebody relies on it. */
    REFUSED("stops the start"),
    /** It is told in the log, and changes nothing. */
    TOLD("is told in the log"),
    /** It changes nothing. */
    IGNORED("any value will do");

    private final String text;

    Otherwise(String text) {
      this.text = text;
    }

    /** In a few words, for documents. */
    public String text() {
      return text;
    }
  }

  /** The value that cannot be followed, if there is one; empty is as not there. */
  private Optional<String> other(Map<String, String> environment) {
    return Optional.ofNullable(environment.get(variable))
        .map(String::strip)
        .filter(text -> !text.isEmpty() && !same.contains(text.toLowerCase(Locale.ROOT)));
  }

  /**
   * Looks for a value that cannot be followed and must not be passed over.
   *
   * @throws InvalidSettingException when there is one
   */
  void check(Map<String, String> environment) {
    if (otherwise == Otherwise.REFUSED) {
      other(environment)
          .ifPresent(
              text -> {
                throw new InvalidSettingException(
                    variable, "'%s' cannot be followed: %s".formatted(text, why));
              });
    }
  }

  /** A line for the log, if there is something to tell. */
  Optional<String> note(Map<String, String> environment) {
    return otherwise == Otherwise.TOLD
        ? other(environment).map(text -> "%s=%s changes nothing: %s".formatted(variable, text, why))
        : Optional.empty();
  }
}
