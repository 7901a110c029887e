// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.source.kubernetes.ApiServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Events within what an API server takes (events.k8s.io/v1). */
@Timeout(60)
class EventsTest {
  @Test
  void noteIsAsLongAsItMayBeInBytes() throws Exception {
    GenericKubernetesResource event = event("web", "ü".repeat(1000));
    assertThat(event.<String>get("note").getBytes(UTF_8)).hasSize(1024);
  }

  @Test
  void nameIsOneWhereverItWasCut() throws Exception {
    String name = "a".repeat(188) + "-.b";
    assertThat(event(name, "x").getMetadata().getName())
        .matches("a{188}\\.[0-9a-f]{32}")
        .hasSizeLessThan(254);
  }

  private static GenericKubernetesResource event(String name, String note) throws Exception {
    try (ApiServer server = new ApiServer();
        KubernetesClient client = server.client()) {
      new Events(client, "replica", InstantSource.system())
          .warn(
              new ObjectReferenceBuilder()
                  .withApiVersion("v1")
                  .withKind("Service")
                  .withNamespace("shop")
                  .withName(name)
                  .withUid("u-1")
                  .build(),
              "Invalid",
              "Report",
              note);
      return server.all("events.k8s.io/v1", "events").getFirst();
    }
  }
}
