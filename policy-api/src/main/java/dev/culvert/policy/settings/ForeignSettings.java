// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.settings;

import java.util.List;
import java.util.Map;

/**
 * Settings by the names that another program's environment has for them, so that a process can take
 * that program's place. The own names win.
 */
public interface ForeignSettings {
  /** A process that takes nobody's place. */
  ForeignSettings NONE =
      new ForeignSettings() {
        @Override
        public List<Given> in(Map<String, String> environment) {
          return List.of();
        }

        @Override
        public List<Name> names() {
          return List.of();
        }
      };

  /**
   * A value that was found.
   *
   * @param key of the own setting
   * @param text as the own setting writes it
   * @param variable where it was found
   */
  record Given(String key, String text, String variable) {}

  /**
   * One name, for documents.
   *
   * @param variable the name, with a {@code *} at its end for all that begin so
   * @param key of the own setting
   * @param note how the value is read; empty when it is the same
   */
  record Name(String variable, String key, String note) {}

  /**
   * What the environment says, a key at most once.
   *
   * @throws InvalidSettingException for a value that the other program would not take either
   */
  List<Given> in(Map<String, String> environment);

  /** All names that are understood. */
  List<Name> names();

  /** All names that are known and have no setting. */
  default List<FixedVariable> fixed() {
    return List.of();
  }

  /**
   * Looks whether the environment asks for something that must not be passed over.
   *
   * @throws InvalidSettingException when it does
   */
  default void check(Map<String, String> environment) {
    fixed().forEach(variable -> variable.check(environment));
  }

  /** What the environment asks for and does not get, in lines for the log. */
  default List<String> notes(Map<String, String> environment) {
    return fixed().stream().flatMap(variable -> variable.note(environment).stream()).toList();
  }
}
