// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.door;

import dev.culvert.perf.bench.lane.Description;
import dev.culvert.perf.bench.site.Packages;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A reverse proxy to put beside Culvert's gateway, from Debian.
 *
 * @param name of its folder
 * @param title for the report
 * @param tls its TLS engine, for the report
 * @param needs the Debian packages it is in
 * @param version the command that prints its version
 * @param command what starts it in the foreground
 * @param files templates of configuration files by name
 */
public record Door(
    String name,
    String title,
    String tls,
    List<Packages.Need> needs,
    List<String> version,
    List<String> command,
    Map<String, String> files) {
  private static final List<String> ALL = List.of("haproxy", "nginx", "caddy");

  /** Those that are measured. */
  public static List<Door> all() throws IOException {
    List<Door> doors = new ArrayList<>();
    for (String name : ALL) {
      doors.add(read(name));
    }
    return List.copyOf(doors);
  }

  private static Door read(String name) throws IOException {
    Description described =
        Description.read(
            "door " + name,
            "door.properties",
            Description.resources("/dev/culvert/perf/bench/doors/" + name + "/"));
    return new Door(
        name,
        described.text("title"),
        described.text("tls"),
        described.needs(),
        described.words("version"),
        described.words("command"),
        described.files());
  }
}
