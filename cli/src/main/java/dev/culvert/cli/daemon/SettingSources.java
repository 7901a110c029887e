// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.daemon;

import dev.culvert.cli.answer.UsageException;
import dev.culvert.policy.settings.ForeignSettings;
import dev.culvert.policy.settings.InvalidSettingException;
import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The texts of a process' settings and where each was given. The command line wins over the
 * environment, which wins over the file.
 */
final class SettingSources {
  private record Given(String text, String where) {}

  private final List<Setting<?>> known;
  private final Map<String, Given> given = new HashMap<>();

  SettingSources(List<Setting<?>> known) {
    this.known = List.copyOf(known);
  }

  SettingSources file(SettingFile file) {
    file.values().forEach((key, value) -> put(key, value.text(), value.where()));
    return this;
  }

  /** Another program's names for them. */
  SettingSources foreign(List<ForeignSettings.Given> others) {
    others.forEach(one -> put(one.key(), one.text(), one.variable()));
    return this;
  }

  /**
   * Only variables of known settings count: Kubernetes puts variables of its own into every
   * container, CULVERT_SERVICE_HOST among them.
   */
  SettingSources environment(Map<String, String> environment) {
    known.forEach(
        setting ->
            Optional.ofNullable(environment.get(setting.environmentVariable()))
                .ifPresent(t -> put(setting.key(), t, setting.environmentVariable())));
    return this;
  }

  SettingSources commandLine(Map<String, String> options) {
    options.forEach((key, text) -> put(key, text, "--" + key));
    return this;
  }

  /** The text given for a setting, else its default. */
  String text(Setting<?> setting) {
    Given value = given.get(setting.key());
    return value == null ? setting.standard().orElse("") : value.text();
  }

  /**
   * Everything parsed and checked.
   *
   * @throws UsageException naming the key, the problem, the remedy and where the value came from
   */
  Settings settings() {
    try {
      return Settings.of(known, texts());
    } catch (InvalidSettingException e) {
      Given value = given.get(e.key());
      String where = value == null ? "" : " (given by %s)".formatted(value.where());
      throw new UsageException(e.getMessage() + where);
    }
  }

  private Map<String, String> texts() {
    return given.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().text()));
  }

  private void put(String key, String text, String where) {
    given.put(key, new Given(text, where));
  }
}
