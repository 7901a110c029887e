// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Whether memory or descriptors grow under a load that stays the same. Of a process' last life the
 * first third is its warming up; the last third must not lie above the second by more than what
 * varies anyway.
 */
final class Growth {
  /** With fewer nothing can be said. */
  static final int FEWEST_SAMPLES = 20;

  /** A heap is not given back: room for a collector to be lazy in. */
  private static final long RSS_ROOM_MB = 32;

  private static final long DESCRIPTOR_ROOM = 40;
  private static final double SHARE = 0.15;

  private Growth() {}

  /** What grew, or could not be judged. */
  static List<String> of(Map<String, List<Sample>> curves) {
    List<String> grown = new ArrayList<>();
    if (curves.isEmpty()) {
      grown.add("no process was looked at");
    }
    curves.forEach(
        (name, all) -> {
          List<Sample> life = lastLife(all);
          if (life.size() < FEWEST_SAMPLES) {
            grown.add(
                "%s: %d samples of its last life, too few to judge its memory"
                    .formatted(name, life.size()));
          } else {
            judge(name + ": RSS", "MB", life, Sample::rssMb, RSS_ROOM_MB, grown);
            judge(name + ":", "descriptors", life, Sample::descriptors, DESCRIPTOR_ROOM, grown);
          }
        });
    return grown;
  }

  private static void judge(
      String what,
      String unit,
      List<Sample> life,
      ToLongFunction<Sample> value,
      long room,
      List<String> grown) {
    int third = life.size() / 3;
    long before = median(life.subList(third, 2 * third), value);
    long after = median(life.subList(2 * third, life.size()), value);
    if (after > before * (1 + SHARE) + room) {
      grown.add(
          "%s grew from %d to %d %s under the same load".formatted(what, before, after, unit));
    }
  }

  private static List<Sample> lastLife(List<Sample> all) {
    long pid = all.getLast().pid();
    return all.stream().filter(sample -> sample.pid() == pid).toList();
  }

  private static long median(List<Sample> part, ToLongFunction<Sample> value) {
    return part.stream().mapToLong(value).sorted().skip(part.size() / 2).findFirst().orElseThrow();
  }
}
