// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.directory;

import dev.culvert.controlplane.source.Pulse;
import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.linux.file.DirectoryWatch;
import dev.culvert.policy.resource.ResourceFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Follows a folder of YAML. */
public final class FolderSource implements AutoCloseable {
  private static final long FIRST_READ_SECONDS = 30;

  private final Consumer<ResourceChanges> listener;
  private final LastGoodFiles lastGood;
  private final CompletableFuture<Void> firstRead = new CompletableFuture<>();
  private final DirectoryWatch watch;
  private final FolderChanges changes = new FolderChanges();
  private final Pulse pulse = new Pulse();
  private ResourceFiles files;

  private FolderSource(Path folder, LastGoodFiles lastGood, Consumer<ResourceChanges> listener)
      throws IOException {
    this.listener = listener;
    this.lastGood = lastGood;
    this.files = ResourceFiles.empty().with(lastGood.contents());
    this.watch = DirectoryWatch.start(folder, this::read);
  }

  /**
   * Returns when the folder has been read and the listener has heard of it, so that what is served
   * from then on is the mesh and not an empty one.
   *
   * @param listener called on the watch's thread, for every change
   * @throws ControlPlaneException when the folder is missing or cannot be watched
   */
  public static FolderSource start(
      Path folder, LastGoodFiles lastGood, Consumer<ResourceChanges> listener) {
    if (!Files.isDirectory(folder)) {
      throw new ControlPlaneException(
          folder, "is no folder", "make it, or name another with 'source'");
    }
    try {
      FolderSource source = new FolderSource(folder, lastGood, listener);
      source.awaitFirstRead(folder);
      return source;
    } catch (IOException e) {
      throw new ControlPlaneException(
          folder,
          "cannot be watched (" + e.getMessage() + ")",
          "raise the sysctl fs.inotify.max_user_instances",
          e);
    }
  }

  /** Why changes are not taken in any more; a folder that cannot be read is no reason. */
  public Optional<String> trouble() {
    return pulse.trouble(watch.isAlive());
  }

  /** The listener is not called any more. */
  @Override
  public void close() {
    watch.close();
  }

  private void read(Map<String, String> contents) {
    pulse.begin();
    try {
      files = files.with(contents);
      listener.accept(changes.next(files));
      lastGood.keep(contents, files.errors());
      firstRead.complete(null);
    } catch (RuntimeException e) {
      if (!firstRead.completeExceptionally(e)) {
        throw e;
      }
    } finally {
      pulse.end();
    }
  }

  private void awaitFirstRead(Path folder) {
    try {
      firstRead.orTimeout(FIRST_READ_SECONDS, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      watch.close();
      if (e.getCause() instanceof ControlPlaneException known) {
        throw known;
      }
      throw new ControlPlaneException(
          folder, "cannot be read (" + e.getCause() + ")", "correct its permissions", e);
    }
  }
}
