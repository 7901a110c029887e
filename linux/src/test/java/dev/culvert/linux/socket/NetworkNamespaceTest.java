// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.OpenDescriptors;
import dev.culvert.linux.errno.ErrnoException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NetworkNamespaceTest {
  private TestNamespace made;
  private NetworkNamespace namespace;

  @BeforeEach
  void open() throws IOException {
    made = new TestNamespace();
    namespace = made.open();
  }

  @AfterEach
  void close() throws IOException {
    namespace.close();
    made.close();
  }

  @Test
  void bodyRunsInsideAndThreadComesHome() throws Exception {
    long home = currentInode();
    long inside = namespace.call(NetworkNamespaceTest::currentInode);
    assertThat(inside).isEqualTo(namespace.inode()).isNotEqualTo(home);
    assertThat(currentInode()).isEqualTo(home);
  }

  @Test
  void threadComesHomeWhenBodyThrows() throws Exception {
    long home = currentInode();
    assertThatThrownBy(
            () ->
                namespace.call(
                    () -> {
                      throw new IOException("in the body");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("in the body");
    assertThat(currentInode()).isEqualTo(home);
  }

  @Test
  void nestedCallReturnsToOuterNamespace() throws Exception {
    try (NetworkNamespace home = NetworkNamespace.current()) {
      boolean returned =
          namespace.call(
              () ->
                  home.call(NetworkNamespaceTest::currentInode) == home.inode()
                      && currentInode() == namespace.inode());
      assertThat(returned).isTrue();
    }
  }

  @Test
  void nestedCallReturnsThoughOuterHandleWasClosed() throws Exception {
    long home = currentInode();
    try (NetworkNamespace other = NetworkNamespace.current()) {
      NetworkNamespace outer = made.open();
      boolean returned =
          outer.call(
              () -> {
                other.call(
                    () -> {
                      outer.close();
                      return null;
                    });
                return currentInode() == namespace.inode();
              });
      assertThat(returned).isTrue();
    }
    assertThat(currentInode()).isEqualTo(home);
  }

  @Test
  void manyThreadsComeHomeEachTime() throws Exception {
    long home = currentInode();
    List<Callable<Long>> threads = Collections.nCopies(8, () -> comeAndGo(200));
    try (ExecutorService pool = Executors.newFixedThreadPool(threads.size())) {
      for (Future<Long> last : pool.invokeAll(threads)) {
        assertThat(last.get()).isEqualTo(home);
      }
    }
  }

  private long comeAndGo(int times) throws Exception {
    long home = currentInode();
    for (int i = 0; i < times; i++) {
      assertThat(namespace.<Long>call(NetworkNamespaceTest::currentInode)).isNotEqualTo(home);
      assertThatThrownBy(() -> namespace.call(NetworkNamespaceTest::fail)).hasMessage("inside");
      assertThat(currentInode()).isEqualTo(home);
    }
    return currentInode();
  }

  private static Object fail() {
    throw new IllegalArgumentException("inside");
  }

  /** A body must start no thread; one that was started all the same is not moved elsewhere. */
  @Test
  void threadThatBeganInsideReturnsInside() throws Exception {
    CompletableFuture<Long> after = new CompletableFuture<>();
    try (NetworkNamespace home = NetworkNamespace.current()) {
      Thread thread =
          namespace.call(
              () ->
                  Thread.ofPlatform()
                      .start(
                          () -> {
                            try {
                              home.call(() -> null);
                              after.complete(currentInode());
                            } catch (Exception e) {
                              after.completeExceptionally(e);
                            }
                          }));
      thread.join();
      assertThat(after.get()).isEqualTo(namespace.inode());
    }
  }

  @Test
  void addressesAreThoseInside() throws Exception {
    TestNamespace.ip("-n", made.name(), "addr", "add", "198.18.7.1/24", "dev", "lo");
    TestNamespace.ip("-n", made.name(), "addr", "add", "fd00:c01::7/64", "dev", "lo", "nodad");
    assertThat(namespace.addresses())
        .containsExactlyInAnyOrder(
            InetAddress.ofLiteral("127.0.0.1"),
            InetAddress.ofLiteral("::1"),
            InetAddress.ofLiteral("198.18.7.1"),
            InetAddress.ofLiteral("fd00:c01::7"));
  }

  @Test
  void virtualThreadIsRefused() {
    CompletableFuture<Throwable> refusal = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                refusal.complete(namespace.call(IllegalStateException::new));
              } catch (Throwable t) {
                refusal.complete(t);
              }
            });
    assertThat(refusal.join())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("platform thread");
  }

  @Test
  void cookieIsOfTheNamespace() throws Exception {
    try (NetworkNamespace home = NetworkNamespace.current();
        NetworkNamespace again = made.open()) {
      assertThat(namespace.cookie())
          .isNotZero()
          .isEqualTo(again.cookie())
          .isNotEqualTo(home.cookie());
      assertThat(again.inode()).isEqualTo(namespace.inode());
    }
  }

  @Test
  void missingNamespaceNamesPathAndErrno() {
    assertThatThrownBy(() -> NetworkNamespace.open(Path.of("/run/netns/culvert-none")))
        .isInstanceOf(ErrnoException.class)
        .hasMessage("open(/run/netns/culvert-none): ENOENT (2)");
  }

  @Test
  void fileThatIsNoNamespaceIsRefusedAndClosed(@TempDir Path folder) throws Exception {
    Path file = Files.createFile(folder.resolve("plain"));
    long before = OpenDescriptors.count();
    assertThatThrownBy(() -> NetworkNamespace.open(file))
        .hasMessageContaining("plain: is not a network namespace");
    assertThatThrownBy(() -> NetworkNamespace.open(Path.of("/proc/self/ns/uts")))
        .hasMessageContaining("/proc/self/ns/uts: is not a network namespace");
    assertThat(OpenDescriptors.count()).isEqualTo(before);
  }

  @Test
  void callsLeaveNoDescriptorOpen() throws Exception {
    namespace.call(() -> 0);
    long before = OpenDescriptors.count();
    for (int i = 0; i < 200; i++) {
      try (NetworkNamespace again = made.open()) {
        again.call(() -> again.cookie());
      }
    }
    assertThat(OpenDescriptors.count()).isEqualTo(before);
  }

  private static long currentInode() throws IOException {
    try (NetworkNamespace current = NetworkNamespace.current()) {
      return current.inode();
    }
  }
}
