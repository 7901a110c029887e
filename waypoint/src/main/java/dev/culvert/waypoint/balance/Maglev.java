// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.policy.traffic.HashKey;
import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Hash64;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The slot that has the place of the key's hash in a table that all fill in turn, each in an order
 * of its own (Eisenbud and others, Maglev, section 3.4).
 */
final class Maglev implements Chooser {
  /** Primes; a hundred places for each slot keep shares within a percent. */
  private static final int SMALL = 16_381;

  private static final int LARGE = 65_537;
  private static final int MANY = SMALL / 100;

  private final HashKey key;
  private final Slot[] table;

  Maglev(Slot[] slots, HashKey key) {
    this.key = key;
    this.table = table(slots, slots.length > MANY ? LARGE : SMALL);
  }

  private static Slot[] table(Slot[] slots, int size) {
    Slot[] table = new Slot[size];
    int most = Arrays.stream(slots).mapToInt(Slot::weight).max().orElseThrow();
    long[] next = new long[slots.length];
    long[] skip = new long[slots.length];
    double[] owed = new double[slots.length];
    for (int i = 0; i < slots.length; i++) {
      long hash = Hash64.of(slots[i].endpoint().name());
      next[i] = Long.remainderUnsigned(hash, size);
      skip[i] = Long.remainderUnsigned(Hash64.mix(hash), size - 1) + 1;
    }
    int filled = 0;
    while (filled < size) {
      for (int i = 0; i < slots.length && filled < size; i++) {
        owed[i] += (double) slots[i].weight() / most;
        if (owed[i] >= 1) {
          owed[i] -= 1;
          while (table[(int) next[i]] != null) {
            next[i] = (next[i] + skip[i]) % size;
          }
          table[(int) next[i]] = slots[i];
          filled++;
        }
      }
    }
    return table;
  }

  @Override
  public @Nullable Slot choose(Asking asking, Slot.Demand demand, long now) {
    int start = (int) Long.remainderUnsigned(asking.hash(key), table.length);
    for (int i = 0; i < table.length; i++) {
      Slot next = table[(start + i) % table.length];
      if (next.meets(demand, asking, now)) {
        return next;
      }
    }
    return null;
  }
}
