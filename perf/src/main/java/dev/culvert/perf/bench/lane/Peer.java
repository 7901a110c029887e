// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import dev.culvert.perf.bench.site.Packages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Another tunnel to put beside Culvert: a folder with {@code peer.properties} and the configuration
 * files that it names.
 *
 * @param name of the folder
 * @param title for the report
 * @param tls its TLS engine, for the report
 * @param needs the Debian packages it is in
 * @param version the command that prints its version
 * @param client the command that starts the client's end in the foreground
 * @param server the command that starts the server's end in the foreground
 * @param files templates of configuration files by name
 */
public record Peer(
    String name,
    String title,
    String tls,
    List<Packages.Need> needs,
    List<String> version,
    List<String> client,
    List<String> server,
    Map<String, String> files) {
  private static final String FILE = "peer.properties";
  private static final List<String> BUILT_IN = List.of("haproxy", "nginx", "stunnel");

  /** The peers that are measured unless others are asked for. */
  public static List<Peer> builtIn() throws IOException {
    List<Peer> peers = new ArrayList<>();
    for (String name : BUILT_IN) {
      peers.add(read(name, Description.resources("/dev/culvert/perf/bench/peers/" + name + "/")));
    }
    return List.copyOf(peers);
  }

  /** Reads a folder. */
  public static Peer read(Path folder) throws IOException {
    String name = folder.toAbsolutePath().normalize().getFileName().toString();
    return read(name, file -> Files.readString(folder.resolve(file)));
  }

  static Peer read(String name, Description.Source source) throws IOException {
    Description fields = Description.read("peer " + name, FILE, source);
    return new Peer(
        name,
        fields.text("title"),
        fields.text("tls"),
        fields.needs(),
        fields.words("version"),
        fields.words("client"),
        fields.words("server"),
        fields.files());
  }
}
