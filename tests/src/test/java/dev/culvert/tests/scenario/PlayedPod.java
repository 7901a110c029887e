// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.hostile.HboneServer;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.PodEdit;
import java.io.IOException;
import java.util.stream.Stream;

/** A pod on node 2 that says it takes tunnels itself: the test plays its end of them. */
record PlayedPod(Mesh mesh, MeshPod pod) implements AutoCloseable {
  private static final int HBONE = 15008;

  /** Adds it; the client's ztunnel knows it then. */
  static PlayedPod add(Mesh mesh, String name) throws IOException, InterruptedException {
    PlayedPod played = new PlayedPod(mesh, mesh.addPodWithoutWaiting(Mesh.NODE_2, name, false));
    played.describe();
    Await.until("it is known to take tunnels", () -> played.isKnownAs(played.identity()));
    return played;
  }

  /** Writes anew what it is, with these edits and no others. */
  void describe(PodEdit... edits) throws IOException {
    PodEdit tunnel = PodEdit.label("culvert.dev/tunnel", "hbone");
    mesh.describe(
        pod, false, Stream.concat(Stream.of(tunnel), Stream.of(edits)).toArray(PodEdit[]::new));
  }

  /** Its SPIFFE id, unless an edit changed its account. */
  String identity() {
    return pod.identity();
  }

  AppServer serve(HboneServer tunnels) throws IOException {
    return pod.serve(HBONE, tunnels);
  }

  /** Whether the client's ztunnel would open a tunnel to it as that identity. */
  boolean isKnownAs(String identity) throws IOException {
    return mesh.client().opensTunnelsTo(pod, identity);
  }

  @Override
  public void close() throws IOException {
    pod.close();
  }
}
