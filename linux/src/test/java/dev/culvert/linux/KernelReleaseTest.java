// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class KernelReleaseTest {
  @Test
  void distributionSuffixDoesNotCount() {
    assertThat(KernelRelease.parse("6.1.0-13-amd64")).isEqualTo(new KernelRelease(6, 1, 0));
    assertThat(KernelRelease.parse("6.18-rc1")).hasToString("6.18.0");
  }

  @Test
  void minorIsComparedAsNumber() {
    assertThat(KernelRelease.parse("5.10.1").isAtLeast(5, 9)).isTrue();
    assertThat(KernelRelease.parse("5.9.99").isAtLeast(5, 10)).isFalse();
  }

  @Test
  void runningKernelIsRead() throws Exception {
    assertThat(KernelRelease.running().isAtLeast(5, 10)).isTrue();
  }

  @Test
  void otherTextIsRefused() {
    assertThatThrownBy(() -> KernelRelease.parse("linux")).hasMessageContaining("linux");
  }
}
