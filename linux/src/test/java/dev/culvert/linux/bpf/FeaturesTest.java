// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.linux.KernelRelease;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@NeedsRoot
final class FeaturesTest {
  private static final int SK_ASSIGN = 124;
  private static final int NO_HELPER = 100_000;

  @ParameterizedTest
  @EnumSource
  void featureIsThereWhereItsReleaseSaysSo(Feature feature) throws Exception {
    if (feature.isRequired() && KernelRelease.running().compareTo(feature.since()) >= 0) {
      assertThat(feature.isAvailable()).isTrue();
    }
  }

  @Test
  void probesTellWhatIsMissing() throws Exception {
    assertThat(TinyProgram.SK_LOOKUP.mayCall(SK_ASSIGN)).isTrue();
    assertThat(TinyProgram.SOCKOPS.mayCall(SK_ASSIGN)).isFalse();
    assertThat(TinyProgram.SOCKOPS.mayCall(NO_HELPER)).isFalse();
  }

  @Test
  void everyFeatureIsListedOnce() throws Exception {
    assertThat(Features.probe())
        .extracting(FeatureResult::feature)
        .containsExactly(Feature.values());
  }

  @Test
  void lineNamesFeatureAndRelease() {
    assertThat(new FeatureResult(Feature.SK_LOOKUP, false))
        .hasToString("programs at socket lookup: missing, needs Linux 5.9");
    assertThat(new FeatureResult(Feature.SK_LOOKUP, true))
        .hasToString("programs at socket lookup: available");
  }
}
