// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.Frame;
import dev.culvert.tests.hostile.HboneServer;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import java.nio.file.Files;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The other end of a pod's tunnel, with a good certificate, that floods the pod's proxy: the tunnel
 * ends and the log says why; the pod's other connections go on.
 */
abstract class FloodingServerScenarios {
  private static final int PORT = 8230;

  /** A fifth more than are let pass in 30 s. */
  private static final int MANY = 24_000;

  private final Mesh mesh;
  private PlayedPod played;
  private AppServer app;
  private AppConnection bystander;

  FloodingServerScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @BeforeEach
  void begin() throws Exception {
    played = PlayedPod.add(mesh, "flooding");
    app = mesh.server().serve(PORT, Services.echo());
    bystander = mesh.client().connect(mesh.server().at(PORT));
    assertThat(bystander.echo("before")).isEqualTo("before");
  }

  @AfterEach
  void othersGoOn() throws Exception {
    try (PlayedPod _ = played;
        AppServer _ = app;
        AppConnection _ = bystander) {
      assertThat(bystander.echo("after")).isEqualTo("after");
    }
    Await.until("it is forgotten", () -> !played.isKnownAs(played.identity()));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RESET_OF_AN_ENDED_STREAM")
  void frameWithoutUse(Useless kind) throws Exception {
    ends(kind.frame().times(MANY), "frames without use");
  }

  @Test
  void headerBlockThatNeverEnds() throws Exception {
    byte[] begin = new Frame(Frame.HEADERS, 0, 1, new byte[0]).bytes();
    byte[] more = new Frame(Frame.CONTINUATION, 0, 1, new byte[0]).times(1_000);
    byte[] all = new byte[begin.length + more.length];
    System.arraycopy(begin, 0, all, 0, begin.length);
    System.arraycopy(more, 0, all, begin.length, more.length);
    ends(all, "a header block of more than");
  }

  private void ends(byte[] flood, String reason) throws Exception {
    HboneServer server =
        HboneServer.with(
            mesh.authority().issue(played.identity()),
            (_, back) -> {
              back.flood(flood);
              return HboneServer.echoing(back);
            });
    try (AppServer _ = played.serve(server);
        AppConnection client = mesh.client().connect(played.pod().at(PORT))) {
      assertThat(Endings.of(client)).isNotEmpty();
    }
    String destination = " dst.addr=%s:%d ".formatted(played.pod().v4().getHostAddress(), PORT);
    Predicate<String> told = line -> line.contains(destination) && line.contains(reason);
    Await.until(
        "'%s' in a line".formatted(reason),
        () -> Files.readAllLines(mesh.client().ztunnelLog()).stream().anyMatch(told));
  }
}
