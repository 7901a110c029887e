// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How many replicas a waypoint has, and when there are more.
 *
 * @param min at least 1
 * @param max not below {@code min}; no autoscaler when it is the same
 * @param cpu the load, in percent of what a replica requests, above which there are more
 */
public record WaypointSize(int min, int max, int cpu) {
  private static final String MIN = "minReplicas";
  private static final String MAX = "maxReplicas";
  private static final String CPU = "targetCpu";
  private static final Set<String> KEYS = Set.of(MIN, MAX, CPU);

  public WaypointSize {
    if (min < 1 || max < min) {
      throw new IllegalArgumentException(
          "%s is %d and %s is %d: write 1 or more, and the smaller one first"
              .formatted(MIN, min, MAX, max));
    }
  }

  private static final Pattern RANGE = Pattern.compile("([0-9]{1,3})(?:-([0-9]{1,3}))?");
  private static final int STANDARD_CPU = 80;

  /**
   * As settings write it: {@code MIN-MAX}, or one number.
   *
   * @throws IllegalArgumentException when it is neither
   */
  public static WaypointSize parse(String text) {
    Matcher range = RANGE.matcher(text);
    if (!range.matches()) {
      throw new IllegalArgumentException("write MIN-MAX, for example 2-5, or one number");
    }
    int min = Integer.parseInt(range.group(1));
    int max = range.group(2) == null ? min : Integer.parseInt(range.group(2));
    return new WaypointSize(min, max, STANDARD_CPU);
  }

  /**
   * What the ConfigMap of a Gateway's {@code parametersRef} says, and this where it says nothing.
   *
   * @param others keys that say something else
   * @throws IllegalArgumentException when it says what is not known; the message names the key
   */
  WaypointSize with(Map<String, String> data, Set<String> others) {
    String unknown =
        data.keySet().stream()
            .filter(key -> !KEYS.contains(key) && !others.contains(key))
            .sorted()
            .collect(Collectors.joining(", "));
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "%s is not known: write %s"
              .formatted(
                  unknown,
                  Stream.concat(Stream.of(MIN, MAX, CPU), others.stream().sorted())
                      .collect(Collectors.joining(", "))));
    }
    int least = number(data, MIN, min, 1000);
    int most = number(data, MAX, data.containsKey(MIN) ? Math.max(least, max) : max, 1000);
    return new WaypointSize(least, most, number(data, CPU, cpu, 1000));
  }

  boolean isFixed() {
    return min == max;
  }

  private static int number(Map<String, String> data, String key, int standard, int most) {
    String text = data.get(key);
    if (text == null) {
      return standard;
    }
    try {
      int number = Integer.parseInt(text.strip());
      if (number >= 1 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, for both.
    }
    throw new IllegalArgumentException("%s is '%s': write 1 to %d".formatted(key, text, most));
  }
}
