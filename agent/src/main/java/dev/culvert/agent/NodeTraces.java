// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import dev.culvert.agent.cni.AdminSocket;
import dev.culvert.agent.cni.ConflistFolder;
import dev.culvert.agent.redirect.Redirect;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Everything that agents leave on a node.
 *
 * @param pins where they pinned
 * @param run where their sockets are
 * @param zdsSocket where ztunnel called
 * @param plugins the folder of the CNI plugins
 * @param configuration the folder of the CNI configuration
 * @param seccomp the kubelet's folder of profiles; empty when none were written
 */
public record NodeTraces(
    Path pins, Path run, Path zdsSocket, Path plugins, Path configuration, Optional<Path> seccomp) {
  private static final String PLUGIN = "culvert-cni";

  /** Of a preparation that was killed. */
  private static final String DRAFT = "." + PLUGIN + ".draft";

  private static final String ZTUNNEL_FOLDER = "ztunnel";

  /**
   * Removes all of it. The plugin goes first: a pod that starts meanwhile must not wait for an
   * agent that never comes.
   *
   * @return what was there, in words
   * @throws IOException when an agent runs, or something cannot be removed
   */
  public List<String> remove() throws IOException {
    List<String> removed = new ArrayList<>();
    Path socket = run.resolve("agent.sock");
    boolean knewRun = Files.isDirectory(run);
    try (AdminSocket _ = AdminSocket.listen(socket, Map.of())) {
      if (Files.isDirectory(configuration)) {
        ConflistFolder.restore(configuration);
      }
      delete(plugins.resolve(PLUGIN), removed);
      delete(plugins.resolve(DRAFT), removed);
      removed.addAll(Redirect.uninstall(pins));
    }
    if (knewRun) {
      deleteFiles(run, removed);
    }
    deleteIfEmpty(run);
    delete(zdsSocket, removed);
    deleteFolderOfSocket();
    if (seccomp.isPresent()) {
      Path profiles = seccomp.get().resolve("culvert");
      deleteFiles(profiles, removed);
      deleteIfEmpty(profiles);
    }
    return removed;
  }

  /** The chart makes one; elsewhere it is whose it is. */
  private void deleteFolderOfSocket() throws IOException {
    Path folder = zdsSocket.toAbsolutePath().getParent();
    if (folder.endsWith(ZTUNNEL_FOLDER)) {
      deleteIfEmpty(folder);
    }
  }

  private static void deleteFiles(Path folder, List<String> removed) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> !Files.isDirectory(file)).sorted().toList();
    }
    for (Path file : files) {
      delete(file, removed);
    }
  }

  private static void delete(Path file, List<String> removed) throws IOException {
    if (Files.deleteIfExists(file)) {
      removed.add(file.toString());
    }
  }

  /** Others may have something in it, such as a lab of this machine; or it is a mount itself. */
  private static void deleteIfEmpty(Path folder) throws IOException {
    try {
      Files.deleteIfExists(folder);
    } catch (FileSystemException e) {
      // Not ours alone, or held by who mounted it.
    }
  }
}
