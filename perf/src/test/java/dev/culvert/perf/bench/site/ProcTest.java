// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcTest {
  private static final List<String> SOCKETS =
      List.of(
          "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt",
          "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000",
          "   1: 0100007F:1451 0100007F:8642 01 00000000:00000000 00:00000000 00000000");

  @Test
  void onlyListenersListen() {
    assertThat(Listening.listens(SOCKETS, 8080)).isTrue();
    assertThat(Listening.listens(SOCKETS, 5201)).isFalse();
    assertThat(Listening.listens(SOCKETS, 80)).isFalse();
  }

  @Test
  void processorTimeIsFoundBehindAnyName() {
    String stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 1 2 3 4 700 55 6 7 20 0 1 0 99 0";
    assertThat(Proxies.ticks(stat)).isEqualTo(755);
    assertThat(Proxies.ticks("")).isZero();
  }

  @Test
  void residentSetIsTold() {
    assertThat(Proxies.resident("VmHWM:\t  900 kB\nVmRSS:\t  512 kB\n")).isEqualTo(512 * 1024);
    assertThat(Proxies.resident("")).isZero();
  }

  @Test
  void ownProcessUsesProcessorAndMemory() throws IOException {
    Proxies self = new Proxies(List.of(ProcessHandle.current().pid()));
    assertThat(self.cpu()).isPositive();
    assertThat(self.largestResident()).isGreaterThan(1 << 20);
  }

  @Test
  void onlyAJvmIsOne() throws IOException {
    Process other = new ProcessBuilder("sleep", "60").start();
    try {
      assertThat(new Proxies(List.of(other.pid())).isJvm()).isFalse();
      assertThat(new Proxies(List.of(other.pid(), ProcessHandle.current().pid())).isJvm()).isTrue();
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void backgroundIsWhatWasNotIdle() {
    String before = "cpu  100 0 100 800 0 0 0 0 0 0";
    assertThat(Background.busy(before, "cpu  110 0 105 960 20 0 3 2 0 0"))
        .isCloseTo(0.1, within(1e-9));
    assertThat(Background.busy(before, before)).isZero();
  }
}
