// SPDX-License-Identifier: Apache-2.0
package dev.culvert.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Makes inputs of a corpus, the same ones for the same seed. */
final class Mutation {
  private static final byte[] EDGES = {0, 1, 0x7f, (byte) 0x80, (byte) 0xff, ',', ':', '=', '%'};
  private static final int LONGEST_RUN = 64;

  private final SplittableRandom random;
  private final List<byte[]> corpus;

  Mutation(long seed, List<byte[]> corpus) {
    this.random = new SplittableRandom(seed);
    this.corpus = List.copyOf(corpus);
  }

  byte[] next() {
    byte[] input = any().clone();
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      input = changed(input);
    }
    return input;
  }

  private byte[] any() {
    return corpus.get(random.nextInt(corpus.size()));
  }

  private byte[] changed(byte[] input) {
    int at = random.nextInt(input.length + 1);
    int run = random.nextInt(1, LONGEST_RUN);
    return switch (random.nextInt(6)) {
      case 0 -> overwritten(input, at, (byte) random.nextInt());
      case 1 -> overwritten(input, at, EDGES[random.nextInt(EDGES.length)]);
      case 2 -> Arrays.copyOf(input, at);
      case 3 -> joined(input, at, input, Math.min(input.length, at + run));
      case 4 -> joined(input, at, input, Math.max(0, at - run));
      default -> {
        byte[] other = any();
        yield joined(input, at, other, random.nextInt(other.length + 1));
      }
    };
  }

  private static byte[] overwritten(byte[] input, int at, byte value) {
    byte[] changed = Arrays.copyOf(input, Math.max(input.length, at + 1));
    changed[at] = value;
    return changed;
  }

  /** The one up to a place and the other from a place on: cut out, repeated or crossed. */
  private static byte[] joined(byte[] head, int end, byte[] tail, int from) {
    byte[] changed = Arrays.copyOf(head, end + tail.length - from);
    System.arraycopy(tail, from, changed, end, tail.length - from);
    return changed;
  }
}
