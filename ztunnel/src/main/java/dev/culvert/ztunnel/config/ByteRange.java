// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import dev.culvert.policy.settings.Setting;

/** A size that cannot be just any. */
final class ByteRange {
  private ByteRange() {}

  /** The same setting, refused outside of the two bounds, both included. */
  static Setting<Long> bounded(long min, long max, Setting<Long> setting) {
    return new Setting<>(
        setting.key(),
        setting.form(),
        setting.standard(),
        setting.required(),
        setting.why(),
        text -> inRange(min, max, setting.parser().apply(text)));
  }

  private static long inRange(long min, long max, long value) {
    if (value < min || value > max) {
      throw new IllegalArgumentException("from %d to %d bytes".formatted(min, max));
    }
    return value;
  }
}
