// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.file;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;
import static java.nio.file.StandardWatchEventKinds.OVERFLOW;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * inotify(7) events that can change what a folder holds: those inside it, and in its nearest
 * existing parent those of the name that leads to it. One thread at a time.
 */
final class FolderEvents implements AutoCloseable {
  private static final WatchEvent.Kind<?>[] INSIDE = {ENTRY_CREATE, ENTRY_DELETE, ENTRY_MODIFY};

  /** Names come and go; that a log is written beside the folder must wake nobody. */
  private static final WatchEvent.Kind<?>[] ABOVE = {ENTRY_CREATE, ENTRY_DELETE};

  /** A symbolic link further up may be replaced unseen; so the folder is looked up again. */
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(5);

  private final WatchService service;
  private final Path folder;

  private FolderEvents(WatchService service, Path folder) {
    this.service = service;
    this.folder = folder;
  }

  static FolderEvents of(Path folder) throws IOException {
    return new FolderEvents(FileSystems.getDefault().newWatchService(), folder);
  }

  /** To be called before the folder is read, each time: what it names may have been replaced. */
  void register() {
    Path parent = folder.getParent();
    while (parent != null && !watched(parent, ABOVE)) {
      parent = parent.getParent();
    }
    watched(folder, INSIDE);
  }

  private boolean watched(Path path, WatchEvent.Kind<?>... kinds) {
    try {
      if (Files.isDirectory(path)) {
        path.register(service, kinds);
        return true;
      }
    } catch (IOException gone) {
      // Deleted between the two calls.
    }
    return false;
  }

  /** Waits for an event that matters, or for five seconds. */
  void await() throws InterruptedException {
    long end = System.nanoTime() + LONGEST_SILENCE.toNanos();
    while (System.nanoTime() < end && !next(end - System.nanoTime())) {
      // An event of some other file beside the folder.
    }
  }

  /** Waits until no event came for the quiet span, at most for the longest. */
  void settle(Duration quiet, Duration longest) throws InterruptedException {
    long end = System.nanoTime() + longest.toNanos();
    while (System.nanoTime() < end && next(quiet.toNanos())) {
      // Still changing.
    }
  }

  private boolean next(long nanos) throws InterruptedException {
    WatchKey key = service.poll(nanos, TimeUnit.NANOSECONDS);
    if (key == null) {
      return false;
    }
    boolean matters = key.pollEvents().stream().anyMatch(event -> matters(key, event));
    return !key.reset() || matters;
  }

  private boolean matters(WatchKey key, WatchEvent<?> event) {
    Path watched = (Path) key.watchable();
    return event.kind().equals(OVERFLOW)
        || watched.equals(folder)
        || folder.startsWith(watched.resolve((Path) event.context()));
  }

  @Override
  public void close() {
    try {
      service.close();
    } catch (IOException e) {
      throw new IllegalStateException("inotify cannot be closed", e);
    }
  }
}
