// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.SelfSigned;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Policies that judge connections. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(120)
final class StreamPolicyTest extends StreamDoorCase {
  private static String policy(String spec) {
    return TestDoor.policy(
        "shop",
        "p",
        "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: door}], " + spec);
  }

  @Test
  void policyJudgesConnections() throws IOException {
    door.write("web.yaml", TestDoor.service("web", echo()));
    door.write(
        "door.yaml",
        gateway(tcpListener())
            + tcpRoute(to("web"))
            + policy("rules: [{from: [{source: {ipBlocks: [127.0.0.0/8]}}]}]"));
    open();
    assertThat(say("x")).isEqualTo("got x");
    int port = door.address().getPort();
    for (String denying :
        List.of(
            "rules: [{from: [{source: {ipBlocks: [198.18.0.0/15]}}]}]",
            "rules: [{to: [{operation: {methods: [GET]}}]}]",
            "action: DENY, rules: [{to: [{operation: {ports: ['%d']}}]}]".formatted(port),
            "action: DENY, rules: [{to: [{operation: {paths: [/admin]}}]}]",
            "action: CUSTOM, provider: {name: opa}, rules: [{}]")) {
      door.write("door.yaml", gateway(tcpListener()) + tcpRoute(to("web")) + policy(denying));
      Await.until(denying, () -> !say("x").equals("got x"));
      door.write("door.yaml", gateway(tcpListener()) + tcpRoute(to("web")));
      Await.until("without it", () -> say("x").equals("got x"));
    }
  }

  @Test
  void policyJudgesWhatIsPassedThroughByItsServerName() throws IOException {
    SelfSigned a = SelfSigned.of("a.example.com");
    SelfSigned b = SelfSigned.of("b.example.com");
    door.write("a.yaml", TestDoor.service("shop", "a", tlsServer("a", a)));
    door.write("b.yaml", TestDoor.service("shop", "b", tlsServer("b", b)));
    door.write(
        "door.yaml",
        gateway(listener("tls", "*.example.com"))
            + tlsRoute("a", "a.example.com")
            + tlsRoute("b", "b.example.com")
            + policy("action: DENY, rules: [{when: [{key: connection.sni, values: [b.*]}]}]"));
    open();
    assertThat(say(a, "a.example.com")).isEqualTo("I am a, you are ann");
    assertThatThrownBy(() -> say(b, "b.example.com")).isInstanceOf(IOException.class);
  }

  @Test
  void connectionThatIsForbiddenLaterEnds() throws IOException {
    door.write("web.yaml", TestDoor.service("web", echo()));
    door.write("door.yaml", gateway(tcpListener()) + tcpRoute(to("web")));
    open();
    try (Wire wire = door.connect()) {
      wire.send("x");
      Await.until("it is open", () -> isTold("istio_tcp_connections_opened_total"));
      door.write("policy.yaml", policy("action: DENY, rules: [{}]"));
      assertThat(wire.isEnded()).isTrue();
    }
  }
}
