// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.redirect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.bpf.BpfObjectSpec;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RedirectAbiTest {
  private static final InetAddress IP4 = InetAddress.ofLiteral("198.18.0.2");
  private static final InetAddress IP6 = InetAddress.ofLiteral("fd00:c01::2");

  @Test
  void podIsLaidOutAsTheHeaderSays() {
    byte[] value = new RedirectAbi.Pod(PodAddresses.of(List.of(IP6, IP4)), true).encode();
    assertThat(HexFormat.of().formatHex(value))
        .isEqualTo("c6120002" + "fd000c01000000000000000000000002" + "01000000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"198.18.0.2", "fd00:c01::2"})
  void podOfOneFamilySurvives(String ip) {
    RedirectAbi.Pod pod =
        new RedirectAbi.Pod(PodAddresses.of(List.of(InetAddress.ofLiteral(ip))), false);
    assertThat(RedirectAbi.Pod.decode(pod.encode())).isEqualTo(pod);
  }

  @Test
  void addressKeyOfIpv4IsMapped() {
    assertThat(HexFormat.of().formatHex(RedirectAbi.address(IP4)))
        .isEqualTo("00000000000000000000ffff" + "c6120002");
    assertThat(RedirectAbi.address(IP6)).isEqualTo(IP6.getAddress());
  }

  @Test
  void sizesAreThoseOfTheObject() throws IOException {
    try (InputStream resource =
        RedirectAbi.class.getResourceAsStream("/dev/culvert/bpf/redirect.bpf.o")) {
      BpfObjectSpec spec = BpfObjectSpec.read(resource.readAllBytes());
      assertThat(spec.maps())
          .anySatisfy(
              map -> {
                assertThat(map.name()).isEqualTo("pods");
                assertThat(map.keySize()).isEqualTo(RedirectAbi.cookie(1).length);
                assertThat(map.valueSize())
                    .isEqualTo(
                        new RedirectAbi.Pod(PodAddresses.of(List.of(IP4)), true).encode().length);
              })
          .anySatisfy(
              map -> {
                assertThat(map.name()).isEqualTo("pod_addresses");
                assertThat(map.keySize()).isEqualTo(RedirectAbi.address(IP4).length);
                assertThat(map.valueSize()).isEqualTo(8);
              });
    }
  }

  @Test
  void twoAddressesOfOneFamilyAreRefused() {
    List<InetAddress> two = List.of(IP4, InetAddress.ofLiteral("198.18.0.3"));
    assertThatThrownBy(() -> PodAddresses.of(two))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one IPv4 address");
    assertThatThrownBy(() -> PodAddresses.of(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
