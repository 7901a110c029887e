// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class BpfObjectSpecTest {
  private static final int HASH = 1;
  private static final int ARRAY = 2;
  private static final int LRU_HASH = 9;
  private static final int SOCKHASH = 18;
  private static final int QUEUE = 22;
  private static final int SK_STORAGE = 24;
  private static final int NO_PREALLOC = 1;

  private final byte[] elf = RedirectObject.bytes();

  @Test
  void programsAndTheirSectionsAreRead() throws Exception {
    BpfObjectSpec spec = BpfObjectSpec.read("redirect", elf);
    assertThat(spec.license()).isEqualTo("Dual BSD/GPL");
    assertThat(spec.programs())
        .containsExactlyInAnyOrder(
            new ProgramSpec("connect4", "cgroup/connect4"),
            new ProgramSpec("connect6", "cgroup/connect6"),
            new ProgramSpec("sendmsg4", "cgroup/sendmsg4"),
            new ProgramSpec("sendmsg6", "cgroup/sendmsg6"),
            new ProgramSpec("recvmsg4", "cgroup/recvmsg4"),
            new ProgramSpec("recvmsg6", "cgroup/recvmsg6"),
            new ProgramSpec("getpeername4", "cgroup/getpeername4"),
            new ProgramSpec("getpeername6", "cgroup/getpeername6"),
            new ProgramSpec("getsockname4", "cgroup/getsockname4"),
            new ProgramSpec("getsockname6", "cgroup/getsockname6"),
            new ProgramSpec("handover", "sockops"),
            new ProgramSpec("probe_connect", "sockops"),
            new ProgramSpec("getsockopt", "cgroup/getsockopt"),
            new ProgramSpec("setsockopt", "cgroup/setsockopt"),
            new ProgramSpec("steer", "sk_lookup"));
  }

  @Test
  void mapLayoutsAreRead() throws Exception {
    assertThat(BpfObjectSpec.read(elf).maps())
        .containsExactlyInAnyOrder(
            new MapSpec("pods", HASH, 8, 24, 65536, NO_PREALLOC),
            new MapSpec("pod_addresses", HASH, 16, 8, 131072, NO_PREALLOC),
            new MapSpec("listeners", SOCKHASH, 16, 8, 131072, 0),
            new MapSpec("tunnels", SOCKHASH, 16, 8, 131072, 0),
            new MapSpec("other_listeners", SOCKHASH, 16, 8, 131072, 0),
            new MapSpec("other_tunnels", SOCKHASH, 16, 8, 131072, 0),
            new MapSpec("outbounds", SOCKHASH, 16, 8, 131072, 0),
            new MapSpec("other_outbounds", SOCKHASH, 16, 8, 131072, 0),
            new MapSpec("turns", LRU_HASH, 16, 4, 131072, 0),
            new MapSpec("originals", LRU_HASH, 48, 20, 65536, 0),
            new MapSpec("presents", LRU_HASH, 48, 20, 65536, 0),
            new MapSpec("probes", LRU_HASH, 40, 4, 65536, 0),
            new MapSpec("pairs", HASH, 32, 272, 65536, NO_PREALLOC),
            new MapSpec("pair_generation", ARRAY, 4, 8, 1, 0),
            new MapSpec("pair_lease", ARRAY, 4, 8, 1, 0),
            new MapSpec("flows", HASH, 40, 24, 65536, NO_PREALLOC),
            new MapSpec("flow_reports", QUEUE, 0, 112, 16384, 0),
            new MapSpec("flow_losses", ARRAY, 4, 8, 1, 0),
            new MapSpec("sockets", SK_STORAGE, 4, 60, 0, NO_PREALLOC),
            new MapSpec("directs", SK_STORAGE, 4, 24, 0, NO_PREALLOC));
  }

  @Test
  void otherFilesAreRefused() {
    assertThatThrownBy(() -> BpfObjectSpec.read(new byte[0]))
        .isInstanceOf(MalformedObjectException.class)
        .hasMessageContaining("does not start with an ELF header");
    byte[] x86 = elf.clone();
    x86[18] = 62;
    x86[19] = 0;
    assertThatThrownBy(() -> BpfObjectSpec.read(x86)).hasMessageContaining("not 64-bit");
  }

  @Test
  void everyTruncationIsRefused() {
    for (int length = 0; length < elf.length; length += 97) {
      byte[] cut = Arrays.copyOf(elf, length);
      assertThatThrownBy(() -> BpfObjectSpec.read(cut))
          .as("first %d bytes", length)
          .isInstanceOf(MalformedObjectException.class);
    }
  }

  @Test
  void damagedFilesNeverFailOtherwise() {
    Random random = new Random(7);
    for (int round = 0; round < 5_000; round++) {
      byte[] damaged = elf.clone();
      for (int i = 0; i < 8; i++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      assertThatCode(() -> readOrRefuse(damaged)).doesNotThrowAnyException();
    }
  }

  private static void readOrRefuse(byte[] bytes) {
    try {
      BpfObjectSpec.read(bytes);
    } catch (MalformedObjectException expected) {
      assertThat(expected).hasMessageStartingWith("not a valid BPF object file");
    }
  }
}
