// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.directory;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.controlplane.state.StateFolder;
import dev.culvert.policy.resource.ResourceError;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What each file last said without an error, on disk: a restart with a broken file in the folder
 * must not take away what was served before it.
 */
public final class LastGoodFiles {
  private static final Logger LOG = LoggerFactory.getLogger(LastGoodFiles.class);
  private static final String FOLDER = "last-good";

  private final StateFolder state;
  private final SortedMap<String, String> kept;

  private LastGoodFiles(StateFolder state, SortedMap<String, String> kept) {
    this.state = state;
    this.kept = kept;
  }

  /**
   * Reads what an earlier process kept.
   *
   * @throws ControlPlaneException when it cannot be read
   */
  public static LastGoodFiles open(StateFolder state) {
    Path folder = state.file(FOLDER);
    try {
      Files.createDirectories(folder);
      SortedMap<String, String> kept = new TreeMap<>();
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "[!.]*")) {
        for (Path file : files) {
          kept.put(file.getFileName().toString(), Files.readString(file, UTF_8));
        }
      }
      return new LastGoodFiles(state, kept);
    } catch (IOException e) {
      throw new ControlPlaneException(
          folder, "cannot be read (" + e + ")", "remove it; it is made anew", e);
    }
  }

  Map<String, String> contents() {
    return Map.copyOf(kept);
  }

  /** Files with an error keep what they said before; files that are gone are forgotten. */
  void keep(Map<String, String> contents, Collection<ResourceError> errors) {
    Set<String> broken = new HashSet<>();
    errors.forEach(error -> broken.add(error.file()));
    contents.forEach(
        (name, content) -> {
          if (!broken.contains(name) && !content.equals(kept.put(name, content))) {
            write(name, content);
          }
        });
    kept.keySet().stream().filter(name -> !contents.containsKey(name)).toList().forEach(this::drop);
  }

  private void write(String name, String content) {
    try {
      state.writeSecret(FOLDER + "/" + name, content);
    } catch (ControlPlaneException e) {
      LOG.error("a restart would not know the last good state of {}: {}", name, e.getMessage());
    }
  }

  private void drop(String name) {
    kept.remove(name);
    try {
      Files.deleteIfExists(state.file(FOLDER + "/" + name));
    } catch (IOException e) {
      LOG.error("{}: cannot be removed ({})", state.file(FOLDER + "/" + name), e.toString());
    }
  }
}
