// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.zds.Pod;
import java.io.Closeable;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to a pod before its listeners are there. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
final class PodComesUpTest extends PodProxiesCase {
  /** The agent has forgotten it by the time its listeners are there. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void podThatLeavesWhileItComesUpIsLetGo(boolean told) throws Exception {
    Pod pod = pod("a");
    CompletableFuture<Void> added;
    try (Closeable _ = standstill()) {
      added = proxies.add(pod);
      if (told) {
        proxies.remove("a").get(30, TimeUnit.SECONDS);
      } else {
        proxies.retainOnly(Set.of());
      }
      assertThat(added).isNotDone();
    }
    added.get(30, TimeUnit.SECONDS);
    Await.until("nothing is left", proxies::isGone);
    assertThat(proxies.sockets(TestWorkloads.pod("client", "one", TwoNodes.freshAddress())))
        .isEmpty();
    assertThat(pod.netns().fd().isOpen()).isFalse();
    assertThat(isListening(15001)).isFalse();
    assertThat(certificates.current(pod.identity())).isEmpty();
  }

  /** Who asks again does not hear that it is up before it is. */
  @Test
  void samePodAgainWhileItComesUpIsUpWithTheFirst() throws Exception {
    CompletableFuture<Void> again;
    try (NetworkNamespace netns = own.open();
        ServerSocket _ = netns.call(() -> new ServerSocket(15008))) {
      try (Closeable _ = standstill()) {
        var _ = proxies.add(pod("a"));
        again = proxies.add(pod("a"));
        assertThat(again).isNotDone();
      }
      assertThat(again)
          .failsWithin(30, TimeUnit.SECONDS)
          .withThrowableOfType(ExecutionException.class)
          .withMessageContaining("in use");
    }
    assertThat(proxies.pods()).isEmpty();
  }

  /** Or its certificate would be renewed for ever. */
  @Test
  void podThatNeverCameUpIsForgottenOnceItHasLeft() throws Exception {
    Pod pod = pod("a");
    pod.netns().close();
    assertThat(proxies.add(pod)).failsWithin(30, TimeUnit.SECONDS);
    assertThat(certificates.current(pod.identity())).isPresent();
    proxies.remove("a").get(30, TimeUnit.SECONDS);
    assertThat(certificates.current(pod.identity())).isEmpty();
  }

  /** Every event loop waits until it is closed. */
  private Closeable standstill() {
    CountDownLatch goOn = new CountDownLatch(1);
    workers.forEach(
        loop ->
            loop.execute(
                () -> {
                  try {
                    goOn.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
    return goOn::countDown;
  }
}
