// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import dev.culvert.policy.text.OneLine;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the plugin in the configuration list that the container runtime uses: the first of its
 * folder. Another CNI may write its list anew at any time; then the plugin is put in again, or a
 * list of our own is made anew of it. When another undoes every edit, they come at a slower pace.
 */
public final class ConflistFolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConflistFolder.class);

  private static final String LIST = ".conflist";
  private static final List<String> RUNTIME_READS = List.of(LIST, ".conf", ".json");

  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(1);
  private static final String FIGHT =
      "another writer undoes each edit, so that pods start without waiting for the mesh; tell the"
          + " node's CNI to leave other lists alone (Cilium: cni.exclusive=false)";

  private final Path folder;
  private final Path socket;
  private final boolean ownList;
  private final WatchService events;
  private final Thread thread;
  private final EditPace pace = new EditPace(System::nanoTime);
  private volatile ConflistState state;
  private String problem = "";

  private ConflistFolder(Path folder, Path socket, boolean ownList, WatchService events) {
    this.folder = folder;
    this.socket = socket;
    this.ownList = ownList;
    this.state = new ConflistState(folder.toString(), false, 0, "");
    this.events = events;
    this.thread = Thread.ofPlatform().daemon().name("cni conflist").unstarted(this::run);
  }

  /**
   * Starts to watch, on a thread of its own.
   *
   * @param folder of the runtime, such as /etc/cni/net.d; it must exist
   * @param socket where the plugin shall call
   * @param ownList whether in a list of our own, and not in that of the node's CNI
   * @throws IOException when the folder cannot be watched
   */
  public static ConflistFolder keep(Path folder, Path socket, boolean ownList) throws IOException {
    WatchService events = FileSystems.getDefault().newWatchService();
    try {
      folder.register(
          events,
          StandardWatchEventKinds.ENTRY_CREATE,
          StandardWatchEventKinds.ENTRY_MODIFY,
          StandardWatchEventKinds.ENTRY_DELETE);
      ConflistFolder kept = new ConflistFolder(folder, socket.toAbsolutePath(), ownList, events);
      kept.thread.start();
      return kept;
    } catch (IOException e) {
      events.close();
      throw new IOException(folder + ": cannot be watched: " + e, e);
    }
  }

  /** As it was when the list was looked at last. */
  public ConflistState state() {
    return state;
  }

  private void run() {
    try {
      while (true) {
        Duration left = pace.left();
        if (left.isZero()) {
          put();
          awaitChange(LONGEST_SILENCE);
        } else {
          // What changes meanwhile is seen then.
          Thread.sleep(left);
        }
      }
    } catch (InterruptedException closed) {
      // The only way out.
    }
  }

  private void awaitChange(Duration atMost) throws InterruptedException {
    WatchKey key = events.poll(atMost.toMillis(), TimeUnit.MILLISECONDS);
    if (key != null) {
      key.pollEvents();
      key.reset();
    }
  }

  private void put() {
    try {
      Optional<Path> list = first(folder);
      if (list.isEmpty()) {
        // As the CNI wants it: a runtime without a list lets no pod start.
        OwnList.remove(folder);
        throw new IOException(folder + ": has no .conflist: no pod has a network yet");
      }
      boolean edited = ownList ? putIntoOwn(list.get()) : putInto(list.get());
      if (edited) {
        pace.edited();
      }
      if (!ownList) {
        removeOwnOnceThePluginIsIn();
      }
      tell(true, pace.isFight() ? folder + ": " + FIGHT : "");
    } catch (IOException | RuntimeException e) {
      // Whatever others write there, the next look may find it whole.
      tell(false, OneLine.of(String.valueOf(e.getMessage())));
    }
  }

  private void tell(boolean isIn, String now) {
    state = new ConflistState(folder.toString(), isIn, pace.isFight() ? pace.edits() : 0, now);
    if (!now.equals(problem)) {
      problem = now;
      if (!now.isEmpty()) {
        LOG.warn("cni: {}; it is watched for", now);
      }
    }
  }

  /** Whether it was not as it must be. */
  private boolean putIntoOwn(Path other) throws IOException {
    boolean edited = OwnList.follow(other, socket);
    if (edited) {
      log("{}: has the plugin, and those of {}", OwnList.NAME, other);
    }
    takeOutOfOthers(folder);
    return edited;
  }

  /** Whether it was not as it must be. */
  private boolean putInto(Path list) throws IOException {
    if (!list.toString().endsWith(LIST)) {
      SinglePlugin.makeList(list, socket);
      log("{}: is a list now, with the plugin in it", list);
      return true;
    }
    String text = Files.readString(list);
    if (!ListEdit.replace(list, text, Conflist.with(text, list, socket))) {
      return false;
    }
    log("{}: the plugin is in", list);
    return true;
  }

  /** Of a fight it is told once that it goes on. */
  private void log(String format, Object... about) {
    if (!pace.isFight()) {
      LOG.info(format, about);
    }
  }

  private void removeOwnOnceThePluginIsIn() throws IOException {
    Optional<Path> list = first(folder);
    if (list.isPresent() && Files.readString(list.get()).contains(Conflist.TYPE)) {
      OwnList.remove(folder);
    }
  }

  /** As runtimes choose, the first by name, but for ours. */
  private static Optional<Path> first(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(each -> RUNTIME_READS.stream().anyMatch(each.toString()::endsWith))
          .filter(each -> !each.endsWith(OwnList.NAME))
          .sorted()
          .findFirst();
    }
  }

  /**
   * Takes the plugin out of every list of the folder.
   *
   * @throws IOException when a list cannot be read or written
   */
  public static void restore(Path folder) throws IOException {
    OwnList.remove(folder);
    takeOutOfOthers(folder);
    ListEdit.removeDrafts(folder);
  }

  private static void takeOutOfOthers(Path folder) throws IOException {
    SinglePlugin.restore(folder);
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> lists =
          files
              .filter(each -> each.toString().endsWith(LIST) && !each.endsWith(OwnList.NAME))
              .toList();
      for (Path list : lists) {
        String text = Files.readString(list);
        if (text.contains(Conflist.TYPE)) {
          ListEdit.replace(list, text, Conflist.without(text, list));
        }
      }
    }
  }

  /** Stops; the plugin stays in, so that pods wait while no agent runs. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
      events.close();
    } catch (IOException | InterruptedException e) {
      LOG.warn("{}: the watch cannot be closed: {}", folder, e.toString());
    }
  }
}
