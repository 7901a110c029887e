// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.zds.Pod;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Pods that come, are refused, and leave. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
final class PodProxiesTest extends PodProxiesCase {
  @Test
  void listenersAreUpWhenAddIsDone() throws Exception {
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    assertListening(15001);
    assertListening(15006);
    assertListening(15008);
    assertThat(proxies.pods()).extracting(Pod::uid).containsExactly("a");
  }

  @Test
  void samePodAgainChangesNothing() throws Exception {
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    Pod again = pod("a");
    proxies.add(again).get(30, TimeUnit.SECONDS);
    assertThat(again.netns().fd().isOpen()).isFalse();
    assertThat(proxies.pods()).hasSize(1);
  }

  @Test
  void secondPodInANamespaceIsRefusedUntilTheFirstHasLeft() throws Exception {
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    Pod second = pod("b");
    assertThat(proxies.add(second))
        .failsWithin(30, TimeUnit.SECONDS)
        .withThrowableOfType(ExecutionException.class)
        .withMessageContaining("shop/client (b)")
        .withMessageContaining("shop/client (a)");
    assertThat(second.netns().fd().isOpen()).isFalse();
    assertThat(proxies.pods()).extracting(Pod::uid).containsExactly("a");
    proxies.remove("a").get(30, TimeUnit.SECONDS);
    proxies.add(pod("b")).get(30, TimeUnit.SECONDS);
    assertThat(proxies.pods()).extracting(Pod::uid).containsExactly("b");
    assertListening(15001);
  }

  @Test
  void podWhosePortIsTakenIsRefusedAndServedOnceItIsFree() throws Exception {
    Pod refused = pod("a");
    try (NetworkNamespace netns = own.open()) {
      ServerSocket app = netns.call(() -> new ServerSocket(15008));
      try (app) {
        assertThat(proxies.add(refused))
            .failsWithin(30, TimeUnit.SECONDS)
            .withThrowableOfType(ExecutionException.class)
            .withMessageContaining("shop/client")
            .withMessageContaining("in use");
      }
    }
    assertThat(refused.netns().fd().isOpen()).isFalse();
    assertThat(proxies.pods()).isEmpty();
    Await.until("its other ports are closed", () -> !isListening(15001));
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    assertListening(15008);
  }

  @Test
  void podWithoutIpv6Served() throws Exception {
    Path setting = Path.of("/proc/sys/net/ipv6/conf/all/disable_ipv6");
    try (NetworkNamespace netns = own.open()) {
      netns.call(() -> Files.writeString(setting, "1"));
    }
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    assertListening(15001);
  }

  @Test
  void removedPodIsLetGoWithEverythingItHad() throws Exception {
    knowClient();
    try (ServerSocket outside = insideListener()) {
      Pod pod = pod("a");
      proxies.add(pod).get(30, TimeUnit.SECONDS);
      captured.set((InetSocketAddress) outside.getLocalSocketAddress());
      try (Socket client = connect(15001);
          Socket server = outside.accept()) {
        client.getOutputStream().write(1);
        assertThat(server.getInputStream().read()).isEqualTo(1);
        proxies.remove("a").get(30, TimeUnit.SECONDS);
        client.getOutputStream().write(2);
        assertThat(server.getInputStream().read()).isEqualTo(2);
        assertThatThrownBy(() -> client.getInputStream().read())
            .isInstanceOf(SocketException.class);
      }
      Await.until("namespace closed", () -> !pod.netns().fd().isOpen());
      assertThatThrownBy(() -> connect(15001)).isInstanceOf(ConnectException.class);
      assertThat(certificates.current(pod.identity())).isEmpty();
    }
  }

  @Test
  void snapshotDropsTheOthers() throws Exception {
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    Pod gone = podElsewhere("b");
    proxies.add(gone).get(30, TimeUnit.SECONDS);
    proxies.retainOnly(Set.of("a", "never-seen"));
    assertThat(proxies.pods()).extracting(Pod::uid).containsExactly("a");
    Await.until("namespace closed", () -> !gone.netns().fd().isOpen());
    assertListening(15001);
  }

  @Test
  void nothingIsLeftOfManyPods() throws Exception {
    proxies.add(pod("first")).get(30, TimeUnit.SECONDS);
    proxies.remove("first").get(30, TimeUnit.SECONDS);
    Await.until("it is gone", proxies::isGone);
    long before = descriptors();
    for (int i = 0; i < 20; i++) {
      proxies.add(podElsewhere("pod-" + i)).get(30, TimeUnit.SECONDS);
    }
    assertThat(descriptors()).isGreaterThanOrEqualTo(before + 20 * 4);
    proxies.end(Duration.ofMillis(300));
    Await.until("no pod is left", proxies::isGone);
    Await.until("descriptors closed", () -> descriptors() <= before);
  }

  private static long descriptors() {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void closedNamespaceIsAnErrorThatNamesThePod() throws Exception {
    Pod pod = pod("a");
    pod.netns().close();
    assertThat(proxies.add(pod)).failsWithin(30, TimeUnit.SECONDS);
    assertThat(proxies.pods()).isEmpty();
  }
}
