// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel;

import static dev.culvert.ztunnel.xds.Resources.ADDRESS;
import static dev.culvert.ztunnel.xds.Resources.AUTHORIZATION;
import static dev.culvert.ztunnel.xds.Resources.denyAll;
import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static dev.culvert.ztunnel.xds.Resources.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.settings.Settings;
import dev.culvert.ztunnel.config.ZtunnelConfig;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.peers.FakeAgent;
import dev.culvert.ztunnel.peers.FakeControlPlane;
import dev.culvert.ztunnel.peers.TestCa;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZtunnelTest {
  @TempDir private Path folder;
  private FakeControlPlane controlPlane;
  private FakeAgent agent;

  @BeforeEach
  void startPeers() throws Exception {
    controlPlane = new FakeControlPlane(folder, new TestCa("mesh root"));
    agent = new FakeAgent(folder.resolve("ztunnel.sock"));
  }

  @AfterEach
  void stopPeers() {
    agent.close();
    controlPlane.close();
  }

  @Test
  void readyOnceBothHaveTold() throws Exception {
    try (Ztunnel ztunnel = Ztunnel.start(config(Map.of()))) {
      HttpResponse<String> early = get(ztunnel.ports().ready(), "/healthz/ready");
      assertThat(early.statusCode()).isEqualTo(503);
      assertThat(early.body()).contains("control plane").contains("agent");

      tellOfWeb();
      Await.until("discovery", () -> !ztunnel.waitingFor().orElse("").contains("control plane"));
      assertThat(get(ztunnel.ports().ready(), "/healthz/ready").statusCode()).isEqualTo(503);

      agent.accept();
      assertThat(agent.ask(FakeAgent.snapshotSent())).isEmpty();
      Await.until("readiness", () -> ztunnel.waitingFor().isEmpty());
      assertThat(get(ztunnel.ports().ready(), "/healthz/ready").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void showsWhatItKnows() throws Exception {
    try (Ztunnel ztunnel = Ztunnel.start(config(Map.of()))) {
      tellOfWeb();
      Await.until("discovery", () -> !ztunnel.waitingFor().orElse("").contains("control plane"));

      HttpResponse<String> dump = get(ztunnel.ports().admin(), "/config_dump");
      assertThat(dump.headers().firstValue("Content-Type")).contains("application/json");
      assertThat(dump.body())
          .contains("\"uid\":\"Kubernetes//Pod/shop/web\"")
          .contains("\"workloadIps\":[\"198.18.0.1\"]")
          .contains("\"name\":\"nobody\"")
          .contains("\"certificates\":[]")
          .contains("\"node\":\"one\"")
          .contains("\"workloadState\":{}");
      assertThat(get(ztunnel.ports().stats(), "/metrics").body())
          .contains("istio_build{")
          .contains("culvert_ztunnel_engine{")
          .contains("\nistio_active_proxy_count_total 0.0\n")
          .contains("\nistio_proxies_started_total 0.0\n")
          .contains("\nnetty_eventexecutor_tasks_pending{")
          .contains("\njvm_gc_memory_allocated_bytes_total ");
      assertThat(get(ztunnel.ports().stats(), "/stats/prometheus").statusCode()).isEqualTo(200);
      assertThat(get(ztunnel.ports().admin(), "/nothing").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void recordsAndCountsOnDemand() throws Exception {
    try (Ztunnel ztunnel = Ztunnel.start(config(Map.of()))) {
      int admin = ztunnel.ports().admin();
      assertThat(get(admin, "/debug/jfr?seconds=0").statusCode()).isEqualTo(400);
      assertThat(get(admin, "/debug/jfr?seconds=300").statusCode()).isEqualTo(400);
      try (HttpClient client = HttpClient.newHttpClient()) {
        byte[] recording =
            client.send(request(admin, "/debug/jfr?seconds=1"), BodyHandlers.ofByteArray()).body();
        assertThat(recording).startsWith('F', 'L', 'R', 0);
      }
      assertThat(get(admin, "/debug/pprof/heap").body()).contains("java.lang.String");
      assertThat(get(admin, "/quitquitquit").statusCode()).isEqualTo(405);
    }
  }

  @Test
  void takenPortLeavesNothingOpen() throws Exception {
    try (ServerSocket taken = new ServerSocket(0)) {
      ZtunnelConfig config = config(Map.of("stats-port", Integer.toString(taken.getLocalPort())));

      assertThatThrownBy(() -> Ztunnel.start(config))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("stats-port");
    }
    try (Ztunnel next = Ztunnel.start(config(Map.of()))) {
      assertThat(next.waitingFor()).isPresent();
    }
  }

  @Test
  void missingRootCertNamed() throws Exception {
    Files.delete(controlPlane.rootCert());

    assertThatThrownBy(() -> Ztunnel.start(config(Map.of())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("root-cert");
  }

  private void tellOfWeb() throws Exception {
    FakeControlPlane.Stream stream = controlPlane.nextStream();
    stream.nextRequest();
    stream.nextRequest();
    stream.push(response(ADDRESS, "n1", resource(pod("shop", "web", "198.18.0.1"))));
    stream.push(response(AUTHORIZATION, "n2", resource(denyAll("shop", "nobody"))));
    stream.nextRequest();
    stream.nextRequest();
  }

  private ZtunnelConfig config(Map<String, String> given) {
    Map<String, String> all = new HashMap<>(given);
    all.put("node", "one");
    all.put("xds-address", controlPlane.endpoint().toString());
    all.put("root-cert", controlPlane.rootCert().toString());
    all.put("token-file", controlPlane.tokenFile().toString());
    all.put("zds-socket", folder.resolve("ztunnel.sock").toString());
    all.put("drain-deadline", "1s");
    all.putIfAbsent("admin-port", "0");
    all.putIfAbsent("stats-port", "0");
    all.putIfAbsent("ready-port", "0");
    return ZtunnelConfig.from(Settings.of(ZtunnelConfig.settings(), all));
  }

  private static HttpResponse<String> get(int port, String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request(port, path), BodyHandlers.ofString());
    }
  }

  private static HttpRequest request(int port, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(port, path)))
        .build();
  }
}
