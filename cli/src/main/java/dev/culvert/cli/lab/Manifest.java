// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a lab made, one line each, written before it is made. Read back by whoever cleans up, in
 * this process or a later one.
 */
final class Manifest {
  private final Path file;

  private Manifest(Path file) {
    this.file = file;
  }

  static Manifest create(LabLayout layout) throws IOException {
    Files.createDirectories(layout.logs());
    Files.createDirectories(layout.resources());
    return new Manifest(layout.manifest());
  }

  /** This process runs the lab. */
  void owner() throws IOException {
    add("owner", LabPid.current().toString());
  }

  /** Nobody runs the lab; it stays until it is cleaned up. */
  void disown() throws IOException {
    add("owner", "none");
  }

  void process(LabPid pid, String name) throws IOException {
    add("process", pid + " " + name);
  }

  /** Told for those who run something in it later; its namespace is a line of its own. */
  void pod(LabPod pod) throws IOException {
    add("pod", "%s %s %s".formatted(pod.name(), pod.netns(), pod.place().cgroup()));
  }

  void netns(String name) throws IOException {
    add("netns", name);
  }

  void cgroup(Path path) throws IOException {
    add("cgroup", path.toString());
  }

  void pins(Path folder) throws IOException {
    add("pins", folder.toString());
  }

  /**
   * The lines of a lab's manifest.
   *
   * @throws IOException when there is no such lab
   */
  static List<Entry> entries(LabLayout layout) throws IOException {
    try {
      return read(layout.manifest());
    } catch (NoSuchFileException e) {
      throw new IOException(
          "there is no lab '%s'; ./culvert demo --keep makes one".formatted(layout.name()), e);
    }
  }

  void undo() throws IOException {
    new CleanUp(read(file)).run(file.getParent());
  }

  /**
   * Removes everything that a manifest names.
   *
   * @return false when there is no such manifest
   * @throws LabBusyException when the process that made the lab is alive and another than this one
   */
  static boolean cleanUp(Path file) throws IOException {
    List<Entry> entries;
    try {
      entries = read(file);
    } catch (NoSuchFileException e) {
      return false;
    }
    Optional<LabPid> owner = owner(entries).filter(LabPid::isAlive);
    if (owner.isPresent() && !owner.get().equals(LabPid.current())) {
      throw new LabBusyException(file.getParent(), owner.get().pid());
    }
    new CleanUp(entries).run(file.getParent());
    return true;
  }

  private void add(String kind, String value) throws IOException {
    Files.writeString(file, kind + " " + value + "\n", CREATE, APPEND);
  }

  private static List<Entry> read(Path file) throws IOException {
    return Files.readAllLines(file).stream().map(Entry::parse).flatMap(Optional::stream).toList();
  }

  private static Optional<LabPid> owner(List<Entry> entries) {
    return entries.stream()
        .filter(entry -> entry.kind().equals("owner"))
        .reduce((first, last) -> last)
        .flatMap(entry -> LabPid.parse(entry.value()));
  }

  /** A line; one that a crash cut short names nothing that exists yet. */
  record Entry(String kind, String value) {
    static Optional<Entry> parse(String line) {
      int space = line.indexOf(' ');
      return space < 1
          ? Optional.empty()
          : Optional.of(new Entry(line.substring(0, space), line.substring(space + 1)));
    }
  }
}
