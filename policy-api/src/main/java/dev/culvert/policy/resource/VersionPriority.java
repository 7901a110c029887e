// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an API server puts a version among others of its group: {@code v2, v1, v1beta2, v1beta1,
 * v1alpha1}; see Kubernetes' "Version priority" of CustomResourceDefinitions. The first is least.
 */
record VersionPriority(int major, Stage stage, int minor) implements Comparable<VersionPriority> {
  private static final Pattern VERSION = Pattern.compile("v(\\d+)(?:(alpha|beta)(\\d+))?");
  private static final Comparator<VersionPriority> ORDER =
      Comparator.comparing(VersionPriority::stage)
          .thenComparing(VersionPriority::major, Comparator.reverseOrder())
          .thenComparing(VersionPriority::minor, Comparator.reverseOrder());

  private enum Stage {
    STABLE,
    BETA,
    ALPHA
  }

  static VersionPriority of(String version) {
    Matcher parts = VERSION.matcher(version);
    if (!parts.matches()) {
      throw new IllegalArgumentException(version);
    }
    int major = Integer.parseInt(parts.group(1));
    if (parts.group(2) == null) {
      return new VersionPriority(major, Stage.STABLE, 0);
    }
    Stage stage = parts.group(2).equals("beta") ? Stage.BETA : Stage.ALPHA;
    return new VersionPriority(major, stage, Integer.parseInt(parts.group(3)));
  }

  @Override
  public int compareTo(VersionPriority other) {
    return ORDER.compare(this, other);
  }
}
