// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Pods that come, go, join and leave while others talk. */
abstract class EnrolmentScenarios {
  private static final int PORT = 8400;

  private final Mesh mesh;

  EnrolmentScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @Test
  void enrolAndUnenrolUnderTraffic() throws Exception {
    try (AppServer _ = mesh.server().serve(PORT, Services.echo());
        MeshPod pod = mesh.addPod(Mesh.NODE_1, "joiner", false)) {
      try (AppConnection plain = pod.connect(mesh.server().at(PORT))) {
        assertThat(plain.echo("before joining")).isEqualTo("before joining");
        mesh.capture(true, pod);
        Await.until("it is in the mesh", () -> identified(pod));
        assertThat(plain.echo("joined meanwhile")).isEqualTo("joined meanwhile");
        try (AppConnection tunnelled = pod.connect(mesh.server().at(PORT))) {
          assertThat(tunnelled.echo("as a member")).isEqualTo("as a member");
          mesh.capture(false, pod);
          Await.until("it is out of the mesh", () -> !identified(pod));
          assertThat(plain.echo("left meanwhile")).isEqualTo("left meanwhile");
        }
      }
    }
  }

  @Test
  void twoPodsAtOnce() throws Exception {
    try (AppServer _ = mesh.server().serve(PORT, Services.echo());
        MeshPod first = mesh.addPod(Mesh.NODE_1, "first", false);
        MeshPod second = mesh.addPod(Mesh.NODE_1, "second", false)) {
      mesh.capture(true, first, second);
      Await.until("the first is in the mesh", () -> identified(first));
      Await.until("the second is in the mesh", () -> identified(second));
    }
  }

  @Test
  void podDeletedInMidStream() throws Exception {
    AppConnection connection;
    try (MeshPod pod = mesh.addPod(Mesh.NODE_2, "mayfly", true)) {
      AppServer server = pod.serve(PORT, Services.echo());
      Await.until("it serves", () -> echoes(mesh.client(), pod));
      connection = mesh.client().connect(pod.at(PORT));
      assertThat(connection.echo("still there")).isEqualTo("still there");
      server.close();
    }
    try (connection) {
      assertThat(Endings.of(connection)).isNotEmpty();
    }
    try (AppServer _ = mesh.server().serve(PORT, Services.echo())) {
      assertThat(echoes(mesh.client(), mesh.server())).isTrue();
    }
  }

  @Test
  void clientPodDeletedInMidStream() throws Exception {
    try (AppServer server = mesh.server().serve(PORT, Services.echo())) {
      try (MeshPod pod = mesh.addPod(Mesh.NODE_1, "mayfly", true)) {
        Await.until("it is in the mesh", () -> identified(pod));
        AppConnection connection = pod.connect(mesh.server().at(PORT));
        assertThat(connection.echo("still there")).isEqualTo("still there");
        connection.close();
      }
      Await.until("the server's connections end", () -> server.open() == 0);
    }
  }

  private static boolean echoes(MeshPod from, MeshPod to) throws IOException {
    try (AppConnection connection = from.connect(to.at(PORT))) {
      return connection.echo("hello").equals("hello");
    }
  }

  private boolean identified(MeshPod from) throws Exception {
    return mesh.sourceIdentity(from.v4(), mesh.server(), mesh.server().at(PORT), () -> talk(from))
        .equals(Optional.of(from.identity()));
  }

  private String talk(MeshPod from) throws IOException {
    try (AppConnection connection = from.connect(mesh.server().at(PORT))) {
      return connection.echo("who am I?");
    }
  }
}
