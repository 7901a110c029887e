// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.LabLayout;

/** What one can do with a mesh that was kept. */
final class KeptMesh {
  private KeptMesh() {}

  static void explain(Screen screen, String name) {
    LabLayout layout = new LabLayout(name);
    screen.title("The mesh stays up. To play with it:");
    screen.line("  ./culvert demo exec client curl -s http://web/         both versions answer");
    screen.line(
        "  ./culvert demo exec client curl -s http://db/          across the nodes, in mTLS");
    screen.line(
        "  ./culvert demo exec client getent ahosts web           names, answered by ztunnel");
    screen.line("  ./culvert demo status                                  processes and pods");
    screen.line("  ls %-50s  its YAML: edit and see".formatted(layout.resources()));
    screen.line(
        "  tail -f %-45s  every connection".formatted(layout.logs() + "/ztunnel-node1.log"));
    screen.line("  ./culvert demo down                                    removes all of it");
  }
}
