// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.xds.ApplicationTunnel.Protocol;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class ApplicationTunnelTest {
  @Test
  void headersAreOnThePortThatIsTold() {
    ApplicationTunnel tunnel = new ApplicationTunnel(Protocol.PROXY, OptionalInt.of(15088));
    assertThat(tunnel.hasHeaderOn(15088)).isTrue();
    assertThat(tunnel.hasHeaderOn(15020)).isFalse();
  }

  @Test
  void withoutOneHeadersMayBeOnAnyPort() {
    assertThat(new ApplicationTunnel(Protocol.PROXY, OptionalInt.empty()).hasHeaderOn(80)).isTrue();
  }

  @Test
  void withoutTheProtocolThereIsNone() {
    ApplicationTunnel tunnel = new ApplicationTunnel(Protocol.NONE, OptionalInt.of(15088));
    assertThat(tunnel.hasHeaderOn(15088)).isFalse();
    assertThat(new ApplicationTunnel(Protocol.NONE, OptionalInt.empty()).hasHeaderOn(80)).isFalse();
  }
}
