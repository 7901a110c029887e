// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.file;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryWatchTest {
  private final BlockingQueue<Map<String, String>> heard = new LinkedBlockingQueue<>();
  @TempDir private Path parent;
  private DirectoryWatch watch;

  private void start(Path folder) throws IOException {
    watch = DirectoryWatch.start(folder, heard::add);
  }

  @AfterEach
  void stop() {
    watch.close();
  }

  @Test
  void contentIsToldAtOnce() throws Exception {
    Files.writeString(parent.resolve("a.yaml"), "a");
    Files.writeString(parent.resolve("b.yml"), "b");
    Files.writeString(parent.resolve("notes.txt"), "n");
    Files.writeString(parent.resolve(".a.yaml"), "hidden");
    Files.createDirectory(parent.resolve("folder.yaml"));
    start(parent);
    assertThat(next()).isEqualTo(Map.of("a.yaml", "a", "b.yml", "b"));
  }

  @Test
  void emptyFolderIsToldToo() throws Exception {
    start(parent);
    assertThat(next()).isEmpty();
  }

  @Test
  void changeAddAndDeleteAreFollowed() throws Exception {
    start(parent);
    assertThat(next()).isEmpty();
    Path file = Files.writeString(parent.resolve("a.yaml"), "1");
    awaitContent(Map.of("a.yaml", "1"));
    Files.writeString(file, "2");
    awaitContent(Map.of("a.yaml", "2"));
    Files.delete(file);
    awaitContent(Map.of());
  }

  @Test
  void fileMovedIntoPlaceIsFollowed() throws Exception {
    Path file = Files.writeString(parent.resolve("a.yaml"), "1");
    start(parent);
    awaitContent(Map.of("a.yaml", "1"));
    Files.move(Files.writeString(parent.resolve("a.tmp"), "2"), file, REPLACE_EXISTING);
    awaitContent(Map.of("a.yaml", "2"));
  }

  @Test
  void folderMadeLaterIsFound() throws Exception {
    Path folder = parent.resolve("x/y/z");
    start(folder);
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("a.yaml"), "late");
    awaitContent(Map.of("a.yaml", "late"));
  }

  @Test
  void folderDeletedKeepsLastStateAndItsReturnIsSeen() throws Exception {
    Path folder = Files.createDirectory(parent.resolve("source"));
    Path file = Files.writeString(folder.resolve("a.yaml"), "1");
    start(folder);
    awaitContent(Map.of("a.yaml", "1"));
    Files.move(folder, parent.resolve("away"));
    Files.createDirectory(folder);
    Files.writeString(file, "2");
    awaitContent(Map.of("a.yaml", "2"));
    Files.writeString(file, "3");
    awaitContent(Map.of("a.yaml", "3"));
  }

  @Test
  void failingListenerDoesNotEndTheWatch() throws Exception {
    watch =
        DirectoryWatch.start(
            parent,
            content -> {
              heard.add(content);
              throw new IllegalStateException("listener");
            });
    assertThat(next()).isEmpty();
    Files.writeString(parent.resolve("a.yaml"), "1");
    awaitContent(Map.of("a.yaml", "1"));
  }

  @Test
  void closedWatchLeavesNoThread() throws Exception {
    start(parent);
    next();
    watch.close();
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().equals("watch " + parent));
  }

  private Map<String, String> next() throws InterruptedException {
    Map<String, String> content = heard.poll(20, TimeUnit.SECONDS);
    assertThat(content).as("nothing was told").isNotNull();
    return content;
  }

  private void awaitContent(Map<String, String> expected) throws InterruptedException {
    Map<String, String> content = next();
    while (!content.equals(expected)) {
      content = next();
    }
  }
}
