// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GrowthTest {
  private static final int SAMPLES = 120;

  @Test
  void levelIsNoGrowth() {
    assertThat(grown(life(1, SAMPLES, n -> 150, n -> 90))).isEmpty();
  }

  @Test
  void warmingUpIsNoGrowth() {
    assertThat(grown(life(1, SAMPLES, n -> n < 40 ? 80 + 3 * n : 200, n -> Math.min(n, 60))))
        .isEmpty();
  }

  @Test
  void peaksAreNoGrowth() {
    assertThat(grown(life(1, SAMPLES, n -> n % 10 == 0 ? 400 : 150, n -> n > 110 ? 500 : 90)))
        .isEmpty();
  }

  @Test
  void memoryThatGrowsToTheEndIsNamed() {
    assertThat(grown(life(1, SAMPLES, n -> 100 + 2 * n, n -> 90)))
        .singleElement()
        .asString()
        .contains("ztunnel", "RSS", "from 220 to 300 MB");
  }

  @Test
  void descriptorsThatGrowToTheEndAreNamed() {
    assertThat(grown(life(1, SAMPLES, n -> 150, n -> 90 + 2 * n)))
        .singleElement()
        .asString()
        .contains("ztunnel", "descriptors");
  }

  @Test
  void onlyTheLastLifeIsJudged() {
    List<Sample> restarted =
        Stream.concat(
                life(1, SAMPLES / 2, n -> 60, n -> 20).stream(),
                life(2, SAMPLES / 2, n -> 300, n -> 200).stream())
            .toList();

    assertThat(grown(restarted)).isEmpty();
  }

  @Test
  void tooFewSamplesAreNoProof() {
    assertThat(grown(life(1, Growth.FEWEST_SAMPLES - 1, n -> 150, n -> 90)))
        .singleElement()
        .asString()
        .contains("too few");
  }

  private static List<String> grown(List<Sample> samples) {
    return Growth.of(Map.of("ztunnel", samples));
  }

  private static List<Sample> life(
      long pid, int count, IntUnaryOperator rssMb, IntUnaryOperator descriptors) {
    return IntStream.range(0, count)
        .mapToObj(
            n -> new Sample(n * 1000L, pid, rssMb.applyAsInt(n) * 1024L, descriptors.applyAsInt(n)))
        .toList();
  }
}
