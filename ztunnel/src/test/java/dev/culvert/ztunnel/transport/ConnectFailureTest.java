// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import org.junit.jupiter.api.Test;

class ConnectFailureTest {
  @Test
  void missingRouteIsSaidWhereNettySaysNothing() {
    assertThat(ConnectFailure.describe(new NoRouteToHostException("null: /198.18.0.1:80")))
        .isEqualTo("no route to host: /198.18.0.1:80");
    assertThat(ConnectFailure.describe(new NoRouteToHostException("No route to host: /198.18.0.1")))
        .isEqualTo("No route to host: /198.18.0.1");
  }

  @Test
  void otherCausesSpeakForThemselves() {
    assertThat(ConnectFailure.describe(new ConnectException("Connection refused")))
        .isEqualTo("Connection refused");
  }
}
