// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.hostile.HboneServer;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A pod that takes tunnels itself, as the test plays it, and a client of it behind a ztunnel. */
abstract class PlayedServerCase {
  static final int PORT = 8550;

  /** Of a ztunnel on this machine: a quarter of its processors, at least 2. */
  static final int LOOPS = Math.max(2, Math.ceilDiv(Runtime.getRuntime().availableProcessors(), 4));

  PlayedServerCase(Mesh mesh) {
    this.mesh = mesh;
  }

  private final Mesh mesh;
  PlayedPod played;

  @BeforeEach
  final void addPod() throws Exception {
    played = PlayedPod.add(mesh, "played");
  }

  @AfterEach
  final void deletePod() throws Exception {
    played.close();
    Await.until("it is forgotten", () -> !played.isKnownAs(played.identity()));
  }

  final HboneServer doing(HboneServer.Behind behind) throws IOException {
    return HboneServer.with(mesh.authority().issue(played.identity()), behind);
  }

  /** Every stream is the last of its tunnel. */
  final HboneServer leaving() throws IOException {
    return doing(
        (_, back) -> {
          back.goAway();
          return HboneServer.echoing(back);
        });
  }

  final boolean echoes() {
    try (AppConnection client = mesh.client().connect(played.pod().at(PORT))) {
      return client.echo("anybody?").equals("anybody?");
    } catch (IOException _) {
      return false;
    }
  }
}
