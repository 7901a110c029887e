// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.ServicePort;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which routes can send to a port, by what it says is spoken there. */
final class BackendSpeechTest {
  private static BackendSpeech said(String transport, String appProtocol, boolean inTls) {
    return BackendSpeech.of(new ServicePort("x", 80, transport, appProtocol, 8080, ""), inTls);
  }

  @ParameterizedTest
  @CsvSource({
    "'', true, true",
    "http, true, true",
    "HTTP2, true, true",
    "grpc, true, true",
    "tcp, true, true",
    "kubernetes.io/h2c, true, true",
    "kubernetes.io/ws, true, false",
    "kubernetes.io/wss, false, false",
    "https, false, false",
    "mysql, false, false",
    "example.com/unknown, false, false"
  })
  void appProtocolSaysWhichRequestsItTakes(String appProtocol, boolean http, boolean grpc) {
    BackendSpeech speech = said("TCP", appProtocol, false);
    assertThat(speech.takes("HTTPRoute")).isEqualTo(http);
    assertThat(speech.takes("GRPCRoute")).isEqualTo(grpc);
    assertThat(speech.takes("TCPRoute")).isTrue();
    assertThat(speech.takes("TLSRoute")).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "https, true, true",
    "tls, true, true",
    "kubernetes.io/wss, true, false",
    "wss, true, false",
    "mysql, false, false"
  })
  void whatIsWithinTlsIsTakenWithAPolicy(String appProtocol, boolean http, boolean grpc) {
    BackendSpeech speech = said("TCP", appProtocol, true);
    assertThat(speech.takes("HTTPRoute")).isEqualTo(http);
    assertThat(speech.takes("GRPCRoute")).isEqualTo(grpc);
  }

  @ParameterizedTest
  @CsvSource({"HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"})
  void portOfAnotherTransportTakesNone(String kind) {
    assertThat(said("UDP", "", false).takes(kind)).isFalse();
    assertThat(said("UDP", "", false).problem(kind)).contains("UDP", kind);
  }
}
