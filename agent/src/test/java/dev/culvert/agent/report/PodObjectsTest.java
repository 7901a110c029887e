// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an API server answers when it is told of a pod. */
@Timeout(60)
class PodObjectsTest {
  private static final PodReport WEB = new PodReport("u-1", "shop", "web", true, false, false, "");
  private static final String POD =
      """
      {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}}
      """;
  private final List<String> patches = new CopyOnWriteArrayList<>();
  private volatile int status = 200;
  private volatile String answer = POD;
  private HttpServer server;
  private KubernetesClient client;
  private PodObjects objects;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    Config config = new ConfigBuilder(Config.empty()).withMasterUrl(url).build();
    client = new KubernetesClientBuilder().withConfig(config).build();
    objects = new PodObjects(client, "one");
  }

  @AfterEach
  void close() {
    client.close();
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean patch = exchange.getRequestMethod().equals("PATCH");
      if (patch) {
        patches.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
      }
      byte[] body = (patch ? answer : POD).getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(patch ? status : 200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private void answer(int code, String message) {
    status = code;
    answer =
        """
        {"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": %d, "message": "%s"}
        """
            .formatted(code, message);
  }

  @Test
  void patchNamesTheUidOfThePod() {
    objects.annotate(WEB);
    assertThat(patches).singleElement().asString().contains("\"uid\":\"u-1\"", "redirection");
  }

  @Test
  void anotherPodOfTheNameIsNotTold() {
    answer(422, "Pod web is invalid: metadata.uid: Invalid value: field is immutable");
    assertThatCode(() -> objects.annotate(WEB)).doesNotThrowAnyException();
    assertThat(patches).hasSize(1);
  }

  @Test
  void podThatIsGoneIsNotTold() {
    answer(404, "pods web not found");
    assertThatCode(() -> objects.annotate(WEB)).doesNotThrowAnyException();
    assertThat(patches).hasSize(1);
  }

  @Test
  void whatElseIsInvalidIsTold() {
    answer(422, "Pod web is invalid: metadata.annotations: Invalid value");
    assertThatExceptionOfType(KubernetesClientException.class)
        .isThrownBy(() -> objects.annotate(WEB))
        .withMessageContaining("metadata.annotations");
  }
}
