// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import java.io.IOException;

/** The store's HTTPRoute, as long as a proof needs it. */
final class StoreRoute implements AutoCloseable {
  private static final String FILE = "route-store.yaml";

  private final DemoMesh mesh;

  private StoreRoute(DemoMesh mesh) {
    this.mesh = mesh;
  }

  static StoreRoute of(DemoMesh mesh, String rules) throws IOException {
    StoreRoute route = new StoreRoute(mesh);
    route.replace(rules);
    return route;
  }

  void replace(String rules) throws IOException {
    mesh.lab().resources().write(FILE, DemoResources.route(rules));
  }

  @Override
  public void close() throws IOException {
    mesh.lab().resources().delete(FILE);
  }
}
