// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Pattern;
import dev.culvert.tests.app.Services;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the scenarios take for granted of pods, apps and the kernel, before there is a mesh. */
@Root
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class WithoutMeshTest {
  private static final int PORT = 8000;
  private static Mesh mesh;

  @BeforeAll
  static void start() throws Exception {
    mesh = Mesh.withoutProcesses();
  }

  @AfterAll
  static void stop() throws Exception {
    if (mesh != null) {
      mesh.close();
    }
  }

  @Test
  void podsReachEachOther() throws Exception {
    try (AppServer server = mesh.server().serve(PORT, Services.echo());
        AppConnection app = mesh.client().connect(mesh.server().at(PORT))) {
      assertThat(app.echo("hello")).isEqualTo("hello");
      assertThat(server.nextPeer()).isEqualTo(app.local());
    }
  }

  @Test
  void podsWithoutV4ReachEachOther() throws Exception {
    MeshPod server = mesh.serverWithoutV4();
    try (AppServer _ = server.serve(PORT, Services.echo());
        AppConnection app =
            mesh.clientWithoutV4().connect(new InetSocketAddress(server.v6(), PORT))) {
      assertThat(app.echo("hello")).isEqualTo("hello");
    }
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> mesh.client().connect(server.at(PORT)).close());
  }

  @Test
  void streamsArriveWhole() throws Exception {
    long bytes = 8 * 1024 * 1024 + 1;
    var atServer = new CompletableFuture<Pattern.Receipt>();
    try (AppServer _ = mesh.server().serve(PORT, Services.exchange(bytes, atServer));
        AppConnection app = mesh.client().connect(mesh.server().at(PORT))) {
      assertThat(Services.exchangeNow(app, bytes)).isEqualTo(Pattern.expected(bytes));
      assertThat(atServer.get()).isEqualTo(Pattern.expected(bytes));
    }
  }
}
