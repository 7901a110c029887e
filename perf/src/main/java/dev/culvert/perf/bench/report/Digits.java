// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.report;

import java.util.Locale;

/** Figures as people read them: three digits that count. */
final class Digits {
  private Digits() {}

  static String of(double value) {
    if (value == 0) {
      return "0";
    }
    double size = Math.abs(value);
    String format = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f";
    return String.format(Locale.ROOT, format, value);
  }

  static String ratio(double value) {
    return String.format(Locale.ROOT, value >= 9.995 ? "%.1fx" : "%.2fx", value);
  }
}
