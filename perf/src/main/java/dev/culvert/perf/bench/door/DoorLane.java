// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.door;

import dev.culvert.cli.lab.LabProcess;
import dev.culvert.perf.bench.lane.Lane;
import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.lane.Template;
import dev.culvert.perf.bench.lane.Wire;
import dev.culvert.perf.bench.site.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One of the other reverse proxies. */
final class DoorLane implements Lane {
  private final Door door;
  private final DoorSite site;
  private final Path folder;
  private final Map<String, String> variables = new LinkedHashMap<>();

  /** Writes its files. */
  DoorLane(Door door, DoorSite site) throws IOException {
    this.door = door;
    this.site = site;
    this.folder = site.folder(door.name());
    variables.put("dir", folder.toString());
    variables.put("address", site.server().address());
    variables.put("backend", site.backend().toString());
    variables.putAll(site.certificates().variables());
    for (Wire wire : Wire.values()) {
      String key = wire.name().toLowerCase(Locale.ROOT).replace('_', '-');
      variables.put(key + "-port", Integer.toString(wire.port()));
    }
    for (Map.Entry<String, String> file : door.files().entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), filled(file.getKey(), file.getValue()));
    }
  }

  @Override
  public String name() {
    return door.name();
  }

  @Override
  public String title() {
    return door.title();
  }

  @Override
  public Map<String, String> facts() throws IOException {
    var result = site.server().run(filled("version", door.version()));
    String version = (result.out() + "\n" + result.err()).strip().lines().findFirst().orElse("?");
    return Map.of("software", version, "tls", door.tls());
  }

  @Override
  public OpenLane open() throws IOException {
    long begin = System.nanoTime();
    Side server = site.server();
    LabProcess process = server.start("door-" + door.name(), filled("command", door.command()));
    return Entrance.await(site, process, begin);
  }

  private String filled(String where, String text) throws IOException {
    return new Template("door %s, %s".formatted(door.name(), where), text).with(variables);
  }

  private List<String> filled(String where, List<String> command) throws IOException {
    List<String> words = new ArrayList<>();
    for (String word : command) {
      words.add(filled(where, word));
    }
    return words;
  }
}
