// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.settings;

import dev.culvert.policy.text.Spelling;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The values of a process' settings, all parsed and checked. Immutable. */
public final class Settings {
  private final Map<String, Object> values;

  private Settings(Map<String, Object> values) {
    this.values = values;
  }

  /**
   * Parses every given value and fills in the defaults.
   *
   * @throws InvalidSettingException for an unknown key, a value that does not parse, or a required
   *     setting that is missing
   */
  public static Settings of(List<Setting<?>> known, Map<String, String> given) {
    given.keySet().forEach(key -> refuseUnknown(key, known));
    Map<String, Object> values = new HashMap<>();
    known.forEach(setting -> value(setting, given).ifPresent(v -> values.put(setting.key(), v)));
    return new Settings(values);
  }

  /**
   * The value of a setting.
   *
   * @throws IllegalArgumentException when the setting was not among the known ones
   */
  @SuppressWarnings("unchecked") // the value was made by this setting's own parser
  public <T> T get(Setting<T> setting) {
    Object value = values.get(setting.key());
    if (value == null) {
      throw new IllegalArgumentException("not a setting of this process: " + setting.key());
    }
    return (T) value;
  }

  private static Optional<Object> value(Setting<?> setting, Map<String, String> given) {
    String text = given.getOrDefault(setting.key(), setting.standard().orElse(null));
    if (text != null) {
      return Optional.of(setting.parse(text));
    }
    if (setting.required()) {
      throw new InvalidSettingException(
          setting.key(), "is required and has no default (%s)".formatted(setting.why()));
    }
    return Optional.of(Optional.empty());
  }

  private static void refuseUnknown(String key, List<Setting<?>> known) {
    if (known.stream().noneMatch(setting -> setting.key().equals(key))) {
      throw new InvalidSettingException(key, "unknown setting" + nearest(key, known));
    }
  }

  private static String nearest(String key, List<Setting<?>> known) {
    return Spelling.nearest(key, known.stream().map(Setting::key).toList())
        .map(close -> "; did you mean " + close + "?")
        .orElse("; --help lists the known ones");
  }
}
