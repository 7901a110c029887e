// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.resource.RouteResource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PortSpeechTest {
  private static List<RouteResource> routes(String... kinds) {
    StringBuilder yaml = new StringBuilder();
    for (String kind : kinds) {
      yaml.append(
          """
          ---
          apiVersion: gateway.networking.k8s.io/v1
          kind: %s
          metadata: {name: %s, namespace: shop}
          spec:
            parentRefs: [{group: "", kind: Service, name: store}]
            rules: [{backendRefs: [{name: store, port: 80}]}]
          """
              .formatted(kind, kind.toLowerCase(Locale.ROOT)));
    }
    ResourceFiles files = ResourceFiles.empty().with(Map.of("routes.yaml", yaml.toString()));
    assertThat(files.errors()).isEmpty();
    return files.resources(RouteResource.class).toList();
  }

  private static Stream<String> counting(PortSpeech speech, String... kinds) {
    return speech.counting(routes(kinds)).stream().map(RouteResource::kind);
  }

  @Test
  void mostSpecificKindCountsAlone() {
    assertThat(counting(PortSpeech.UNSAID, "TCPRoute", "HTTPRoute", "GRPCRoute"))
        .containsExactly("GRPCRoute");
    assertThat(counting(PortSpeech.UNSAID, "TCPRoute", "TLSRoute", "HTTPRoute"))
        .containsExactly("HTTPRoute");
    assertThat(counting(PortSpeech.UNSAID, "TCPRoute", "TLSRoute")).containsExactly("TLSRoute");
    assertThat(counting(PortSpeech.UNSAID, "TCPRoute")).containsExactly("TCPRoute");
    assertThat(counting(PortSpeech.UNSAID)).isEmpty();
  }

  @Test
  void kindThatThePortDoesNotSpeakDoesNotCount() {
    assertThat(counting(PortSpeech.BYTES, "GRPCRoute", "TCPRoute")).containsExactly("TCPRoute");
    assertThat(counting(PortSpeech.BYTES, "TLSRoute")).isEmpty();
    assertThat(counting(PortSpeech.TLS, "HTTPRoute", "TLSRoute")).containsExactly("TLSRoute");
    assertThat(counting(PortSpeech.TLS, "HTTPRoute")).isEmpty();
    assertThat(counting(PortSpeech.REQUESTS, "TCPRoute")).containsExactly("TCPRoute");
  }
}
