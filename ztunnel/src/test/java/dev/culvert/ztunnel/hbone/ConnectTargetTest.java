// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectTargetTest {
  @Test
  void addressesAreAddresses() throws Exception {
    assertThat(ConnectTarget.parse("198.18.0.1:80"))
        .isEqualTo(new InetSocketAddress("198.18.0.1", 80));
    assertThat(ConnectTarget.parse("[fd00:c01::1]:80"))
        .isEqualTo(new InetSocketAddress("fd00:c01::1", 80));
  }

  @Test
  void hostIsLeftUnresolved() throws Exception {
    assertThat(ConnectTarget.parse("web.shop.svc.cluster.local:80"))
        .isEqualTo(InetSocketAddress.createUnresolved("web.shop.svc.cluster.local", 80));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "web.shop:",
        "web.shop:0",
        "web.shop:65536",
        "web.shop:8x",
        "web.shop:-1",
        ":80",
        "web shop:80",
        "198.18.0.1",
        "198.18.0.1:99999",
        "[::1",
        "WEB:80",
        "web:80:80"
      })
  void neitherOfTheTwo(String authority) {
    assertThatThrownBy(() -> ConnectTarget.parse(authority))
        .isInstanceOf(MalformedHeaderException.class);
  }

  @Test
  void hostLongerThanAnyRefused() {
    assertThatThrownBy(() -> ConnectTarget.parse("w".repeat(256) + ":80"))
        .isInstanceOf(MalformedHeaderException.class);
  }
}
