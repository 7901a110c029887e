// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.report;

/** Text inside a document. */
final class Html {
  private Html() {}

  static String text(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
