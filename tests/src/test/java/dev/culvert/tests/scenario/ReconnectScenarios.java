// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.tests.hostile.FakeAgent;
import dev.culvert.tests.mesh.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of pods when the connection to the agent breaks off. */
abstract class ReconnectScenarios {
  private final LoneZtunnel lone;

  ReconnectScenarios(LoneZtunnel lone) {
    this.lone = lone;
  }

  @BeforeEach
  void connect() throws Exception {
    lone.connect();
  }

  @AfterEach
  void hangUp() {
    lone.hangUp();
  }

  /** Nobody waits for the answer, or the agent never came to say it: its next snapshot tells. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void deleteThatMeetsAReconnect(boolean sent) throws Exception {
    try (NetworkNamespace pod = lone.clientNamespace()) {
      assertThat(lone.session().ask(FakeAgent.add("uid-before", "client"), pod.fd())).isEmpty();
      assertThat(lone.session().ask(FakeAgent.delete("uid-before"))).isEmpty();
      long before = lone.process().settledDescriptors();
      assertThat(lone.session().ask(FakeAgent.add("uid-brief", "client"), pod.fd())).isEmpty();
      assertThat(lone.configDump()).contains("uid-brief");
      if (sent) {
        lone.session().socket().send(FakeAgent.delete("uid-brief").toByteArray());
      }
      lone.hangUp();
      lone.connect();
      Await.until("it is let go", () -> !lone.configDump().contains("uid-brief"));
      lone.process().awaitDescriptors(before);
    }
  }

  /** The agent still has the pod, but not its namespace. */
  @Test
  void podThatIsKeptAcrossAReconnectStays() throws Exception {
    try (NetworkNamespace pod = lone.clientNamespace()) {
      assertThat(lone.session().ask(FakeAgent.add("uid-kept", "client"), pod.fd())).isEmpty();
      lone.hangUp();
      lone.connect(FakeAgent.keep("uid-kept"));
      assertThat(lone.configDump()).contains("uid-kept");
      assertThat(lone.session().ask(FakeAgent.delete("uid-kept"))).isEmpty();
      assertThat(lone.configDump()).doesNotContain("uid-kept");
    }
  }
}
