// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.file;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the YAML files of a folder. The listener gets all of them, name to content: at once, and
 * again when a change has been quiet for 50 ms (or goes on for 500 ms). While the folder is missing
 * or cannot be read the listener hears nothing, so the last good state stays; its return is seen,
 * also under another inode.
 */
public final class DirectoryWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DirectoryWatch.class);
  private static final Duration QUIET = Duration.ofMillis(50);
  private static final Duration LONGEST_UNREST = Duration.ofMillis(500);

  private final FolderEvents events;
  private final YamlFolder folder;
  private final Consumer<Map<String, String>> listener;
  private final Thread thread;
  private Optional<Map<String, String>> last = Optional.empty();
  private String problem = "";

  private DirectoryWatch(
      FolderEvents events, YamlFolder folder, Consumer<Map<String, String>> listener) {
    this.events = events;
    this.folder = folder;
    this.listener = listener;
    this.thread = Thread.ofPlatform().daemon().name("watch " + folder.path()).unstarted(this::run);
  }

  /**
   * Starts to watch on a thread of its own, which also calls the listener.
   *
   * @throws IOException when the kernel has no inotify instance left
   */
  public static DirectoryWatch start(Path folder, Consumer<Map<String, String>> listener)
      throws IOException {
    Path absolute = folder.toAbsolutePath().normalize();
    DirectoryWatch watch =
        new DirectoryWatch(FolderEvents.of(absolute), new YamlFolder(absolute), listener);
    watch.thread.start();
    return watch;
  }

  private void run() {
    try {
      while (true) {
        events.register();
        readAndTell();
        events.await();
        events.settle(QUIET, LONGEST_UNREST);
      }
    } catch (InterruptedException closed) {
      // The only way out.
    }
  }

  private void readAndTell() {
    try {
      Map<String, String> content = folder.read();
      problem = "";
      if (!last.equals(Optional.of(content))) {
        last = Optional.of(content);
        tell(content);
      }
    } catch (IOException e) {
      warnOnce(e);
    }
  }

  private void tell(Map<String, String> content) {
    try {
      listener.accept(content);
    } catch (RuntimeException e) {
      LOG.error("{}: what was read could not be applied", folder.path(), e);
    }
  }

  private void warnOnce(IOException e) {
    String now = e.toString();
    if (!now.equals(problem)) {
      problem = now;
      LOG.warn(
          "{}: cannot be read ({}); the last good state stays, the folder is watched for",
          folder.path(),
          now);
    }
  }

  /** Whether changes are still seen. */
  public boolean isAlive() {
    return thread.isAlive();
  }

  /** Stops; the listener is not called after the return, unless it is what calls this. */
  @Override
  public void close() {
    thread.interrupt();
    if (!thread.equals(Thread.currentThread())) {
      joinUninterruptibly();
    }
    events.close();
  }

  private void joinUninterruptibly() {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
