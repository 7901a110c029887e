// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import dev.culvert.perf.bench.site.Packages;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

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
    List<Peer> peers = new java.util.ArrayList<>();
    for (String name : BUILT_IN) {
      peers.add(read(name, file -> resource("/dev/culvert/perf/bench/peers/" + name + "/" + file)));
    }
    return List.copyOf(peers);
  }

  /** Reads a folder. */
  public static Peer read(Path folder) throws IOException {
    String name = folder.toAbsolutePath().normalize().getFileName().toString();
    return read(name, file -> Files.readString(folder.resolve(file)));
  }

  static Peer read(String name, Source source) throws IOException {
    Properties properties = new Properties();
    try (Reader text = new StringReader(source.text(FILE))) {
      properties.load(text);
    } catch (NoSuchFileException e) {
      throw new IOException("peer %s: no file %s".formatted(name, e.getMessage()), e);
    }
    Fields fields = new Fields(name, properties);
    Map<String, String> files = new LinkedHashMap<>();
    for (String file : fields.words("files")) {
      files.put(file, source.text(file));
    }
    return new Peer(
        name,
        fields.text("title"),
        fields.text("tls"),
        fields.needs(),
        fields.words("version"),
        fields.words("client"),
        fields.words("server"),
        files);
  }

  private static String resource(String path) throws IOException {
    try (InputStream in = Peer.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new NoSuchFileException(path);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Where the files of a peer are. */
  @FunctionalInterface
  interface Source {
    String text(String file) throws IOException;
  }

  private record Fields(String peer, Properties properties) {
    String text(String key) throws IOException {
      String value = properties.getProperty(key, "").strip();
      if (value.isEmpty()) {
        throw new IOException(
            "peer %s: %s has no '%s'; perf/README.md lists what it needs"
                .formatted(peer, FILE, key));
      }
      return value;
    }

    List<String> words(String key) throws IOException {
      return List.of(text(key).split("\\s+", -1));
    }

    /** Pairs of program and package. */
    List<Packages.Need> needs() throws IOException {
      List<Packages.Need> needs = new java.util.ArrayList<>();
      for (String pair : words("packages")) {
        String[] parts = pair.split("=", 2);
        if (parts.length < 2) {
          throw new IOException(
              "peer %s: packages: '%s' is not FILE=PACKAGE".formatted(peer, pair));
        }
        needs.add(new Packages.Need(parts[0], parts[1], "the peer " + peer));
      }
      return List.copyOf(needs);
    }
  }
}
