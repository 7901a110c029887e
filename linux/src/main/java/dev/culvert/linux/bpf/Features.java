// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** All features, asked of the running kernel. */
public final class Features {
  private Features() {}

  /**
   * Probes each feature by using it on a small scale; takes a few milliseconds.
   *
   * @throws IOException when this process may not load programs, which needs root
   */
  public static List<FeatureResult> probe() throws IOException {
    List<FeatureResult> results = new ArrayList<>();
    for (Feature feature : Feature.values()) {
      results.add(new FeatureResult(feature, feature.isAvailable()));
    }
    return List.copyOf(results);
  }
}
