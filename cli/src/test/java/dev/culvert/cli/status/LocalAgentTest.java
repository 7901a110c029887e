// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LocalAgentTest {
  @Test
  void lineIsAWordAndItsValues() {
    LocalAgent.Line line =
        LocalAgent.Line.parse(
            "pod name=\"shop/web\" state=\"served\" addresses=\"198.18.0.1, fd00:c01::1\" netns=7 note=\"it is = odd\"");
    assertThat(line.word()).isEqualTo("pod");
    assertThat(line.value("name")).isEqualTo("shop/web");
    assertThat(line.value("addresses")).isEqualTo("198.18.0.1, fd00:c01::1");
    assertThat(line.value("netns")).isEqualTo("7");
    assertThat(line.value("note")).isEqualTo("it is = odd");
    assertThat(line.value("more")).isEmpty();
  }
}
