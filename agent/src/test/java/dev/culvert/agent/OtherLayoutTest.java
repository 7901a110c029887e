// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.bpf.BpfMap;
import dev.culvert.linux.bpf.BpfObject;
import dev.culvert.linux.bpf.BpfObjectSpec;
import dev.culvert.linux.bpf.LoadOptions;
import dev.culvert.linux.bpf.MapInfo;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** An agent that finds maps which another version pinned, real ones of other layouts. */
final class OtherLayoutTest extends AgentCase {
  private static final Path LAYOUTS = Path.of("src/test/bpf/layouts.bpf.o");
  private static final Path FEWER = Path.of("src/test/bpf/fewer.bpf.o");

  private Path pin(String map) {
    return node.pins().resolve("maps").resolve(map);
  }

  private MapInfo layoutOf(String map) throws IOException {
    try (BpfMap pinned = BpfMap.openPinned(pin(map))) {
      return pinned.info();
    }
  }

  /** Pins a map of another layout where the agent expects its own; what is there stays in use. */
  private void pinOther(Path object, String layout, String map) throws IOException {
    Path others = node.pins().resolve("others");
    BpfObjectSpec spec = BpfObjectSpec.read(Files.readAllBytes(object));
    BpfObject.load(spec, LoadOptions.pinnedMaps(others)).close();
    Files.createDirectories(pin(map).getParent());
    Files.move(others.resolve(layout), pin(map), ATOMIC_MOVE);
    for (String each : others.toFile().list()) {
      Files.delete(others.resolve(each));
    }
    Files.delete(others);
  }

  /** As if the version of that layout had enrolled the pods. */
  private void rewritePods(String layout) throws IOException {
    try (BpfMap now = BpfMap.openPinned(pin("pods"))) {
      pinOther(LAYOUTS, layout, "pods");
      try (BpfMap other = BpfMap.openPinned(pin("pods"))) {
        for (byte[] key : now.keys()) {
          byte[] value = now.lookup(key).orElseThrow();
          other.update(key, Arrays.copyOf(value, other.info().valueSize()));
        }
      }
    }
  }

  private void assertInboundIsSteered() throws Exception {
    try (ServerSocketChannel proxy = traffic.proxy(15006);
        SocketChannel other = traffic.connectFromElsewhere(pod.address(), 8080);
        SocketChannel accepted = proxy.accept()) {
      assertThat(other.isConnected()).isTrue();
      assertThat(accepted.getLocalAddress()).isEqualTo(new InetSocketAddress(pod.address(), 8080));
    }
  }

  @Test
  void podsOfALaterVersionStayCapturedWhileTheAgentGoesBack() throws Exception {
    enrol().close();
    node.stop();
    rewritePods("longer_pods");
    try (RestlessClient client = new RestlessClient(traffic)) {
      node.start();
      serve().close();
      client.assertAllCaptured();
    }
    assertThat(layoutOf("pods").valueSize()).isEqualTo(24);
    assertThat(pin("pods_former")).doesNotExist();
    assertInboundIsSteered();
  }

  @Test
  void podsOfAnEarlierVersionAreCaptured() throws Exception {
    enrol().close();
    node.stop();
    rewritePods("shorter_pods");
    node.start();
    serve().close();
    assertThat(layoutOf("pods").valueSize()).isEqualTo(24);
    traffic.assertCaptured();
    assertInboundIsSteered();
  }

  @Test
  void agentThatWasKilledBeforeAllPodsWereCopiedIsFollowedByOneThatCopiesThem() throws Exception {
    enrol().close();
    node.stop();
    rewritePods("longer_pods");
    Files.move(pin("pods"), pin("pods_former"));
    pinOther(FEWER, "pods", "pods");
    try (RestlessClient client = new RestlessClient(traffic)) {
      node.start();
      serve().close();
      client.assertAllCaptured();
    }
    assertThat(pin("pods_former")).doesNotExist();
  }

  @Test
  void mapsWithRoomForFewerAreKeptWithAllThatIsInThem() throws Exception {
    node.start();
    node.stop();
    pinOther(FEWER, "pods", "pods");
    pinOther(FEWER, "pod_addresses", "pod_addresses");
    pinOther(FEWER, "listeners", "listeners");
    enrol().close();
    try (ServerSocketChannel registered = traffic.proxy(15006)) {
      node.stop();
      node.start();
      serve().close();
      try (SocketChannel other = traffic.connectFromElsewhere(pod.address(), 8080);
          SocketChannel accepted = registered.accept()) {
        assertThat(other.isConnected() && accepted.isConnected()).isTrue();
      }
    }
    traffic.assertCaptured();
    assertThat(layoutOf("pods").maxEntries()).isEqualTo(128);
    assertThat(layoutOf("pod_addresses").maxEntries()).isEqualTo(128);
    assertThat(layoutOf("listeners").maxEntries()).isEqualTo(128);
  }

  @Test
  void podsThatAreKnownByAnotherKeyAreRefusedWithTheRemedyAndStayCaptured() throws Exception {
    enrol().close();
    node.stop();
    pinOther(LAYOUTS, "pods_by_number", "pods");
    assertThatThrownBy(node::start)
        .hasMessageContaining(pin("pods").toString())
        .hasMessageContaining("key 4 bytes")
        .hasMessageContaining("drain the node and run 'culvert node clean'");
    traffic.assertCaptured();
  }

  @Test
  void passingMapsAreReplacedAndPodsStayCaptured() throws Exception {
    enrol().close();
    node.stop();
    Files.delete(pin("originals"));
    Files.move(pin("pair_lease"), pin("originals"));
    Files.move(pin("flow_losses"), pin("of_another_version"));
    traffic.assertCaptured();
    node.start();
    assertThat(layoutOf("originals").keySize()).isNotEqualTo(layoutOf("pair_lease").keySize());
    assertThat(pin("").toFile().list())
        .contains("originals", "pair_lease", "flow_losses")
        .doesNotContain("originals_former", "of_another_version");
    node.ztunnel().close();
    traffic.assertCaptured();
  }
}
