// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.spiffe.SpiffeId;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ClientCertTest {
  private static final String FIELD = "x-forwarded-client-cert";
  private static final String OWN = "spiffe://cluster.local/ns/shop/sa/waypoint";
  private static final String ANN = "spiffe://cluster.local/ns/shop/sa/ann";

  private final HttpHeaders headers = new DefaultHttpHeaders().set(FIELD, "URI=spiffe://before");

  private List<String> written(ClientCert.Mode mode, Optional<SpiffeId> client) {
    new ClientCert(mode, OWN).write(client, headers);
    return headers.getAll(FIELD);
  }

  @ParameterizedTest
  @EnumSource(ClientCert.Mode.class)
  void whoProvedNothingTellsNothing(ClientCert.Mode mode) {
    assertThat(written(mode, Optional.empty())).isEmpty();
  }

  @Test
  void nothingIsToldUnlessAskedFor() {
    assertThat(written(ClientCert.Mode.NEVER, Optional.of(SpiffeId.parse(ANN)))).isEmpty();
  }

  @Test
  void setTakesThePlaceOfWhatOthersTold() {
    assertThat(written(ClientCert.Mode.SET, Optional.of(SpiffeId.parse(ANN))))
        .containsExactly("By=" + OWN + ";URI=" + ANN);
  }

  @Test
  void appendKeepsWhatOthersTold() {
    assertThat(written(ClientCert.Mode.APPEND, Optional.of(SpiffeId.parse(ANN))))
        .containsExactly("URI=spiffe://before,By=" + OWN + ";URI=" + ANN);
  }
}
