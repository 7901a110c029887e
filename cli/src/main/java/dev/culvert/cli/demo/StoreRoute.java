// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.Await;
import java.io.IOException;

/** The store's HTTPRoute, as long as a proof needs it. */
final class StoreRoute implements AutoCloseable {
  private static final String FILE = "route-store.yaml";

  private final DemoMesh mesh;

  private StoreRoute(DemoMesh mesh) {
    this.mesh = mesh;
  }

  /** Writes the route and waits until it is in force. */
  static StoreRoute of(DemoMesh mesh, String rules) throws IOException {
    StoreRoute route = new StoreRoute(mesh);
    route.replace(rules);
    Await.until("the route is in force", Timing.SOON, route::isInForce);
    return route;
  }

  /**
   * Without a route the waypoint draws a backend, which may be the one that a rule would choose.
   */
  private boolean isInForce() throws IOException {
    AccessLog log = new AccessLog(mesh.waypoint());
    int known = log.size();
    mesh.curl("client", "http://store/");
    return !log.await(known, "a request", c -> true).get("route").equals("default");
  }

  void replace(String rules) throws IOException {
    mesh.lab().resources().write(FILE, DemoResources.route(rules));
  }

  /** Deletes the route and waits until it is gone, so that the next proof's is not taken for it. */
  @Override
  public void close() throws IOException {
    mesh.lab().resources().delete(FILE);
    Await.until("the route is gone", Timing.SOON, () -> !isInForce());
  }
}
