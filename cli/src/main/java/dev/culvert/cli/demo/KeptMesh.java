// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.LabLayout;

/** What one can do with a mesh that was kept. */
final class KeptMesh {
  private KeptMesh() {}

  static void explain(Screen screen, String name) {
    LabLayout layout = new LabLayout(name);
    String demo = name.equals("demo") ? "./culvert demo" : "./culvert demo --name " + name;
    screen.title("The mesh stays up. To play with it:");
    tell(screen, demo + " exec client curl -s http://web/", "both versions answer");
    tell(screen, demo + " exec client curl -s http://db/", "across the nodes, in mTLS");
    tell(screen, demo + " exec client getent ahosts web", "names, answered by ztunnel");
    tell(screen, demo + " status", "pods and processes");
    tell(screen, "ls " + layout.resources(), "its YAML: edit it and see");
    tell(screen, "tail -f " + layout.logs() + "/ztunnel-node1.log", "every connection");
    tell(screen, demo + " down", "removes all of it");
  }

  private static void tell(Screen screen, String command, String what) {
    screen.line("  %-58s # %s".formatted(command, what));
  }
}
