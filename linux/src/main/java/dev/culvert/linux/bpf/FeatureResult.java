// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

/** The answer of the running kernel. */
public record FeatureResult(Feature feature, boolean available) {

  /** One line, for example {@code programs at socket lookup: missing, needs Linux 5.9}. */
  @Override
  public String toString() {
    var since = feature.since();
    return available
        ? feature.description() + ": available"
        : "%s: missing, needs Linux %d.%d"
            .formatted(feature.description(), since.major(), since.minor());
  }
}
