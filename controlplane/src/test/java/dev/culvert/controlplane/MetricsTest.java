// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.Requests.good;
import static dev.culvert.controlplane.discovery.TypeUrl.ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.controlplane.access.NodeTokens;
import dev.culvert.controlplane.ca.RootStore;
import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.settings.Settings;
import io.grpc.StatusRuntimeException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MetricsTest {
  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: web, namespace: shop}
      spec: {nodeName: one, serviceAccountName: web}
      status: {phase: Running, podIP: 198.18.0.1}
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path folder;
  private ControlPlane plane;

  @BeforeEach
  void start() throws Exception {
    Path source = Files.createDirectory(folder.resolve("mesh"));
    Files.writeString(source.resolve("web.yaml"), POD);
    plane = ControlPlane.start(config("127.0.0.1:0"));
  }

  @AfterEach
  void stop() {
    plane.close();
    http.close();
  }

  @Test
  void certificatesAreCountedByHowTheyEnd() throws Exception {
    try (TestClient client = client(token())) {
      client.certificates().createCertificate(good("shop", "web"));
      assertThatExceptionOfType(StatusRuntimeException.class)
          .isThrownBy(() -> client.certificates().createCertificate(good("shop", "db")));
      assertThatExceptionOfType(StatusRuntimeException.class)
          .isThrownBy(
              () ->
                  client
                      .certificates()
                      .createCertificate(good("shop", "web").toBuilder().setCsr("no").build()));
    }
    assertThat(scraped())
        .containsEntry("citadel_server_csr_count_total", 3.0)
        .containsEntry("citadel_server_success_cert_issuance_count_total", 1.0)
        .containsEntry("citadel_server_id_extraction_err_count_total", 1.0)
        .containsEntry("citadel_server_csr_parsing_err_count_total", 1.0);
  }

  @Test
  void callersThatAreNotLetInAreCounted() throws Exception {
    try (TestClient stranger = client("stranger")) {
      assertThatExceptionOfType(StatusRuntimeException.class)
          .isThrownBy(() -> stranger.certificates().createCertificate(good("shop", "web")));
    }
    assertThat(scraped()).containsEntry("citadel_server_authentication_failure_count_total", 1.0);
  }

  @Test
  void proxiesAndPushesAreCounted() throws Exception {
    try (TestClient client = client(token())) {
      TestStream stream = client.discovery();
      stream.subscribe(ADDRESS);
      stream.response();
      assertThat(scraped())
          .containsEntry("pilot_xds", 1.0)
          .containsEntry("pilot_xds_pushes_total{type=\"Address\"}", 1.0);
    }
  }

  @Test
  void endsOfCertificatesAreTold() throws Exception {
    Map<String, Double> metrics = scraped();
    double now = Instant.now().getEpochSecond();
    double tenYears = now + Duration.ofDays(3650).toSeconds();
    assertThat(metrics.get("citadel_server_root_cert_expiry_timestamp"))
        .isBetween(tenYears - 600, tenYears + 600);
    assertThat(metrics.get("citadel_server_cert_chain_expiry_seconds"))
        .isBetween(tenYears - now - 600, tenYears - now + 600);
    assertThat(metrics.get("culvert_serving_cert_expiry_seconds"))
        .isBetween(23 * 3600.0, 25 * 3600.0);
    assertThat(metrics).containsEntry("culvert_trusted_roots", 1.0);
  }

  @Test
  void onlyMetricsAreThereAndOnlyToRead() throws Exception {
    assertThat(send(HttpRequest.newBuilder(uri("/metrics/other"))).statusCode()).isEqualTo(404);
    assertThat(send(HttpRequest.newBuilder(uri("/"))).statusCode()).isEqualTo(404);
    assertThat(send(HttpRequest.newBuilder(uri("/metrics")).DELETE()).statusCode()).isEqualTo(405);
  }

  @Test
  void meshThatIsFollowedIsReady() throws Exception {
    HttpResponse<String> answer = send(HttpRequest.newBuilder(uri("/healthz/ready")));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("ready\n");
    assertThat(send(HttpRequest.newBuilder(uri("/healthz/ready/x"))).statusCode()).isEqualTo(404);
    assertThat(
            send(HttpRequest.newBuilder(uri("/healthz/ready")).POST(BodyPublishers.noBody()))
                .statusCode())
        .isEqualTo(405);
  }

  @Test
  void meshThatIsFollowedNoMoreIsNotReadyAndSaysWhy() throws Exception {
    AtomicReference<Optional<String>> trouble = new AtomicReference<>(Optional.of("it stands"));
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (StatsPort port = StatsPort.start(any, () -> "", trouble::get)) {
      URI ready = URI.create("http://127.0.0.1:%d/healthz/ready".formatted(port.port()));
      HttpResponse<String> answer = send(HttpRequest.newBuilder(ready));
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).isEqualTo("it stands\n");
      trouble.set(Optional.empty());
      assertThat(send(HttpRequest.newBuilder(ready)).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void portInUseStopsTheStartAndIsNamed() throws Exception {
    plane.close();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatExceptionOfType(ControlPlaneException.class)
          .isThrownBy(() -> ControlPlane.start(config("127.0.0.1:" + taken.getLocalPort())))
          .withMessageContaining("stats-listen: cannot listen on");
    }
    plane = ControlPlane.start(config(""));
    assertThat(plane.statsPort()).isEmpty();
  }

  private Map<String, Double> scraped() throws Exception {
    HttpResponse<String> answer = send(HttpRequest.newBuilder(uri("/metrics")));
    assertThat(answer.statusCode()).isEqualTo(200);
    Map<String, Double> metrics = new HashMap<>();
    answer
        .body()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(
            line -> {
              int space = line.lastIndexOf(' ');
              metrics.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
            });
    return metrics;
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + plane.statsPort().orElseThrow() + path);
  }

  private String token() throws Exception {
    return Files.readString(NodeTokens.file(folder.resolve("state"), "one")).strip();
  }

  private TestClient client(String token) throws Exception {
    return new TestClient(
        plane.port(), folder.resolve("state").resolve(RootStore.CERTIFICATE), token);
  }

  private ControlPlaneConfig config(String stats) {
    return ControlPlaneConfig.from(
        Settings.of(
            ControlPlaneConfig.settings(),
            Map.of(
                "source",
                folder.resolve("mesh").toString(),
                "state",
                folder.resolve("state").toString(),
                "listen",
                "127.0.0.1:0",
                "stats-listen",
                stats)));
  }
}
