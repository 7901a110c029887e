// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import dev.culvert.perf.bench.site.Packages;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * How to start another program that is measured: a file of properties, and the configuration files
 * that it names.
 *
 * @param subject for messages, as {@code peer nginx}
 * @param properties what the file says
 * @param files templates of configuration files by name
 */
public record Description(String subject, Properties properties, Map<String, String> files) {

  /** Where the files are. */
  @FunctionalInterface
  public interface Source {
    /**
     * A file's text.
     *
     * @throws NoSuchFileException when there is none of that name
     */
    String text(String file) throws IOException;
  }

  /**
   * Reads it.
   *
   * @param file the name of the properties
   * @throws IOException when the properties or a file that they name are missing
   */
  public static Description read(String subject, String file, Source source) throws IOException {
    Properties properties = new Properties();
    try (Reader text = new StringReader(source.text(file))) {
      properties.load(text);
    } catch (NoSuchFileException e) {
      throw new IOException("%s: no file %s".formatted(subject, e.getMessage()), e);
    }
    Description described = new Description(subject, properties, Map.of());
    Map<String, String> files = new LinkedHashMap<>();
    for (String name : described.words("files")) {
      files.put(name, source.text(name));
    }
    return new Description(subject, properties, Map.copyOf(files));
  }

  /** Files of this module. */
  public static Source resources(String folder) {
    return file -> resource(folder + file);
  }

  private static String resource(String path) throws IOException {
    try (InputStream in = Description.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new NoSuchFileException(path);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** A property's value. */
  public String text(String key) throws IOException {
    String value = properties.getProperty(key, "").strip();
    if (value.isEmpty()) {
      throw new IOException(
          "%s: there is no '%s'; perf/README.md lists what it needs".formatted(subject, key));
    }
    return value;
  }

  /** A property's words. */
  public List<String> words(String key) throws IOException {
    return List.of(text(key).split("\\s+", -1));
  }

  /** Pairs of program and package. */
  public List<Packages.Need> needs() throws IOException {
    List<Packages.Need> needs = new ArrayList<>();
    for (String pair : words("packages")) {
      String[] parts = pair.split("=", 2);
      if (parts.length < 2) {
        throw new IOException("%s: packages: '%s' is not FILE=PACKAGE".formatted(subject, pair));
      }
      needs.add(new Packages.Need(parts[0], parts[1], "the " + subject));
    }
    return List.copyOf(needs);
  }
}
