// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.zds.Pod;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A proxy that ends while another one takes its pods. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
final class ProxiesEndTest extends PodProxiesCase {
  @Test
  void openConnectionGoesOnWhileItsProxyEndsAndTheNextTakesWhatIsNew() throws Exception {
    knowClient();
    try (ServerSocket outside = insideListener()) {
      captured.set((InetSocketAddress) outside.getLocalSocketAddress());
      proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
      try (Socket client = connect(15001);
          Socket server = outside.accept()) {
        next.add(pod("a")).get(30, TimeUnit.SECONDS);
        proxies.end(Duration.ofHours(1));
        assertThat(proxies.draining()).isEqualTo(Map.of("shop/client", 1));
        assertEchoes(client, server);
        try (Socket later = connect(15001);
            Socket taken = outside.accept()) {
          assertEchoes(later, taken);
          assertEchoes(client, server);
        }
        assertThat(proxies.isGone()).isFalse();
      }
      Await.until("the ended proxy has nothing left", proxies::isGone);
    }
  }

  private static void assertEchoes(Socket client, Socket server) throws IOException {
    client.getOutputStream().write(7);
    assertThat(server.getInputStream().read()).isEqualTo(7);
    server.getOutputStream().write(8);
    assertThat(client.getInputStream().read()).isEqualTo(8);
  }

  @Test
  void connectionsOfAPodThatLeavesWhileItsProxyEndsAreReset() throws Exception {
    knowClient();
    try (ServerSocket outside = insideListener()) {
      captured.set((InetSocketAddress) outside.getLocalSocketAddress());
      proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
      try (Socket client = connect(15001);
          Socket server = outside.accept()) {
        proxies.end(Duration.ofHours(1));
        assertEchoes(client, server);
        proxies.remove("a").get(30, TimeUnit.SECONDS);
        assertThatThrownBy(() -> client.getInputStream().read())
            .isInstanceOf(SocketException.class);
      }
      Await.until("nothing is left", proxies::isGone);
    }
  }

  @Test
  void podOfferedToAProxyThatEndsIsServedOnlyWhenNobodyElseDoes() throws Exception {
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    next.add(pod("a")).get(30, TimeUnit.SECONDS);
    proxies.end(Duration.ofHours(1));
    Await.until("it is let go", proxies::isGone);
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    proxies.standIn(Duration.ofHours(1));
    assertThat(proxies.pods()).isEmpty();
    next.remove("a").get(30, TimeUnit.SECONDS);
    Await.until("nobody serves it", next::isGone);
    // The agent would let a pod start that says it is served.
    assertThatThrownBy(() -> proxies.add(pod("a")).get(30, TimeUnit.SECONDS))
        .hasMessageContaining("no other serves the pod yet");
    proxies.standIn(Duration.ofHours(1));
    assertThat(proxies.pods()).extracting(Pod::uid).containsExactly("a");
    Await.until("it is served again", () -> isListening(15001));
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    next.add(pod("a")).get(30, TimeUnit.SECONDS);
    proxies.standIn(Duration.ofHours(1));
    Await.until("it is let go again", proxies::isGone);
    assertListening(15001);
  }
}
