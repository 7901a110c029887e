// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import dev.culvert.policy.settings.Setting;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A setting of several names with a value each: {@code NAME=VALUE,NAME=VALUE}. */
final class NamedValues {
  private NamedValues() {}

  static Setting<Map<String, String>> setting(String key, String why) {
    return new Setting<>(key, "NAME=VALUE,...", Optional.of(""), false, why, NamedValues::parse);
  }

  /** A value in which a comma does not end it. */
  static String escape(String value) {
    return value.replace("%", "%25").replace(",", "%2C");
  }

  private static Map<String, String> parse(String text) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String pair : text.isEmpty() ? new String[0] : text.split(",")) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("'%s' is not NAME=VALUE".formatted(pair));
      }
      String value = pair.substring(equals + 1).replace("%2C", ",").replace("%25", "%");
      values.put(pair.substring(0, equals).strip(), value);
    }
    return Collections.unmodifiableMap(values);
  }
}
