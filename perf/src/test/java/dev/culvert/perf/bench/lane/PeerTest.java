// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerTest {
  private static final String COMPLETE =
      """
      title = My tunnel
      tls = rustls
      packages = mytunnel=my-tunnel
      version = mytunnel --version
      client = mytunnel ${dir}/client.conf
      server = mytunnel ${dir}/server.conf
      files = client.conf
      """;

  @TempDir Path folder;

  @Test
  void builtInPeersAreComplete() throws IOException {
    List<Peer> peers = Peer.builtIn();
    assertThat(peers).extracting(Peer::name).containsExactly("haproxy", "nginx", "stunnel");
    assertThat(peers)
        .allSatisfy(
            peer ->
                assertThat(peer.files().values())
                    .allSatisfy(
                        text -> assertThat(text).contains("TLS_AES_128_GCM_SHA256", "TLSv1.3")));
  }

  @Test
  void folderIsAPeer() throws IOException {
    Files.writeString(folder.resolve("peer.properties"), COMPLETE);
    Files.writeString(folder.resolve("client.conf"), "listen ${bulk-entry}");
    Peer peer = Peer.read(folder);
    assertThat(peer.title()).isEqualTo("My tunnel");
    assertThat(peer.client()).containsExactly("mytunnel", "${dir}/client.conf");
    assertThat(peer.needs().getFirst().name()).isEqualTo("my-tunnel");
    assertThat(peer.files()).containsEntry("client.conf", "listen ${bulk-entry}");
  }

  @Test
  void missingFieldIsNamed() throws IOException {
    Files.writeString(folder.resolve("peer.properties"), COMPLETE.replace("server =", "servant ="));
    Files.writeString(folder.resolve("client.conf"), "");
    assertThatThrownBy(() -> Peer.read(folder)).hasMessageContaining("no 'server'");
  }

  @Test
  void folderWithoutPropertiesIsNoPeer() {
    assertThatThrownBy(() -> Peer.read(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("peer.properties");
  }

  @Test
  void variablesAreFilledIn() throws IOException {
    Template template = new Template("client.conf", "accept = ${address}:${port}; $1 \\");
    assertThat(template.with(Map.of("address", "198.18.1.10", "port", "15201")))
        .isEqualTo("accept = 198.18.1.10:15201; $1 \\");
  }

  @Test
  void unknownVariableIsNamedWithThoseThereAre() {
    assertThatThrownBy(() -> new Template("client.conf", "${prot}").with(Map.of("port", "1")))
        .hasMessage("client.conf: there is no ${prot}, but [port]");
  }

  @Test
  void ztunnelSaysWhatItRunsOn() {
    assertThat(
            ZtunnelFacts.of(
                List.of(
                    "starting",
                    "INFO ztunnel of node a: epoll, TLS by BoringSSL, 1 workers, control plane x")))
        .isEqualTo(Map.of("transport", "epoll", "tls", "BoringSSL"));
    assertThat(ZtunnelFacts.of(List.of())).isEmpty();
  }
}
