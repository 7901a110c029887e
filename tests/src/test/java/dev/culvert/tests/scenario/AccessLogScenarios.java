// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a ztunnel writes of the connections it carries. */
abstract class AccessLogScenarios {
  private static final Pattern FIELD = Pattern.compile(" ([a-z_.]+)=");

  /** Istio's fields in Istio's order, then ours. */
  private static final List<String> FIELDS =
      List.of(
          "src.addr",
          "src.workload",
          "src.namespace",
          "src.identity",
          "src.cluster",
          "dst.addr",
          "dst.hbone_addr",
          "dst.workload",
          "dst.namespace",
          "dst.identity",
          "dst.cluster",
          "direction",
          "bytes_sent",
          "bytes_recv",
          "duration",
          "tls.cipher",
          "tls.group");

  private static final String POLICY = "told.yaml";
  private static final String DENIED = " response_flags=\"DENY\"";

  private final Mesh mesh;

  AccessLogScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @Test
  void accessLogHasIstiosFieldsInOrder() throws Exception {
    int port = mesh.nextPort();
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        AppConnection app = mesh.client().connect(mesh.server().at(port))) {
      assertThat(app.echo("logged")).isEqualTo("logged");
    }
    String destination = " dst.addr=" + mesh.server().hostPort(port) + " ";
    Path log = mesh.client().ztunnelLog();
    Await.until("its line", () -> line(log, "connection complete", destination).isPresent());

    String line = line(log, "connection complete", destination).orElseThrow();
    assertThat(FIELD.matcher(line).results().map(found -> found.group(1)))
        .containsExactlyElementsOf(FIELDS);
    assertThat(line)
        .contains("connection complete src.addr=" + mesh.client().v4().getHostAddress() + ":")
        .contains(" src.identity=\"" + mesh.client().identity() + "\"")
        .contains(" dst.identity=\"" + mesh.server().identity() + "\"")
        .contains(" direction=\"outbound\" bytes_sent=6 bytes_recv=6 duration=\"")
        .endsWith(" tls.group=\"X25519MLKEM768\"");
  }

  @Test
  void policyThatDecidesIsToldAtBothEnds() throws Exception {
    int port = mesh.nextPort();
    String destination = " dst.addr=" + mesh.server().hostPort(port) + " ";
    Path there = mesh.server().ztunnelLog();
    try (AppServer _ = mesh.server().serve(port, Services.echo())) {
      mesh.apply(POLICY, policy("ALLOW", port, ""));
      Await.until(
          "the policy that allows it",
          () -> echoes(port) && line(there, " policy=\"mesh/told\"", destination).isPresent());
      assertThat(line(there, " policy=\"mesh/told\"", destination).orElseThrow())
          .contains("INFO")
          .doesNotContain(" error=");

      mesh.apply(POLICY, policy("DENY", port, ""));
      Path here = mesh.client().ztunnelLog();
      // The first may have been let in and then closed, of which this end sees a reset.
      Await.until(
          "it is refused, and both ends tell",
          () ->
              !echoes(port)
                  && line(there, DENIED, destination).isPresent()
                  && line(here, DENIED, destination).isPresent());
      assertThat(line(there, DENIED, destination).orElseThrow())
          .contains("ERROR", " direction=\"inbound\"", " policy=\"mesh/told\"")
          .contains(" src.identity=\"" + mesh.client().identity() + "\"")
          .contains(" error=\"denied: ");
      assertThat(line(here, DENIED, destination).orElseThrow())
          .contains("ERROR", " direction=\"outbound\"")
          .endsWith("the destination's policy denies it (401)\"");
      for (MeshPod pod : List.of(mesh.client(), mesh.server())) {
        assertThat(pod.askZtunnel(15020, "/metrics").lines())
            .anyMatch(
                line ->
                    line.startsWith(MetricsScenarios.FAILED)
                        && line.contains("response_flags=\"DENY\""));
      }
    } finally {
      mesh.withdraw(POLICY);
    }
  }

  @Test
  void policyInDryRunIsToldAndChangesNothing() throws Exception {
    int port = mesh.nextPort();
    String destination = " dst.addr=" + mesh.server().hostPort(port) + " ";
    String would = " dry_run=\"denied by mesh/told\"";
    Path log = mesh.server().ztunnelLog();
    try (AppServer _ = mesh.server().serve(port, Services.echo())) {
      mesh.apply(POLICY, policy("DENY", port, ", annotations: {istio.io/dry-run: \"true\"}"));
      Await.until(
          "what it would do",
          () -> {
            assertThat(echoes(port)).isTrue();
            return line(log, would, destination).isPresent();
          });
      assertThat(line(log, would, destination).orElseThrow())
          .contains("INFO", "connection complete")
          .doesNotContain(" policy=");
    } finally {
      mesh.withdraw(POLICY);
    }
  }

  @Test
  void refusalBeforeAConnectionBeginsIsAWarning() throws Exception {
    InetSocketAddress asked = new InetSocketAddress(mesh.serviceAddress(), 81);
    String destination = " dst.addr=" + Mesh.SERVICE_ADDRESS + ":81 ";
    try (AppConnection app = mesh.client().connect(asked)) {
      assertThat(Endings.of(app)).isEqualTo(Endings.RESET);
    }
    Path log = mesh.client().ztunnelLog();
    Await.until("its line", () -> line(log, "connection failed", destination).isPresent());
    assertThat(line(log, "connection failed", destination).orElseThrow())
        .contains("WARN", " dst.service=\"" + Mesh.SERVICE_HOST + "\"")
        .contains(" response_flags=\"CONNECT\" error=\"", " has no port 81");
  }

  @Test
  void reasonOfAFailureIsToldAtBothEnds() throws Exception {
    int port = mesh.nextPort();
    String destination = " dst.addr=" + mesh.server().hostPort(port) + " ";
    try (AppConnection app = mesh.client().connect(mesh.server().at(port))) {
      assertThat(Endings.of(app)).isEqualTo(Endings.RESET);
    }
    for (MeshPod pod : List.of(mesh.client(), mesh.server())) {
      Path log = pod.ztunnelLog();
      Await.until("its line", () -> line(log, "connection complete", destination).isPresent());
      assertThat(line(log, "connection complete", destination).orElseThrow())
          .contains("ERROR", " response_flags=\"CONNECT\" error=\"");
    }
    assertThat(line(mesh.server().ztunnelLog(), "connection complete", destination).orElseThrow())
        .contains("the app: ");
  }

  @Test
  void levelOfTheLogIsSetWhileItRuns() throws Exception {
    int port = mesh.nextPort();
    String destination = " dst.addr=" + mesh.server().hostPort(port) + " ";
    assertThat(mesh.client().postZtunnel(15000, "/logging?level=access:debug")).contains("debug");
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        AppConnection app = mesh.client().connect(mesh.server().at(port))) {
      assertThat(app.echo("loud")).isEqualTo("loud");
      Path log = mesh.client().ztunnelLog();
      Await.until("its begin", () -> line(log, "connection opened", destination).isPresent());
    } finally {
      assertThat(mesh.client().postZtunnel(15000, "/logging?reset")).contains("info");
    }
  }

  private boolean echoes(int port) {
    try (AppConnection app = mesh.client().connect(mesh.server().at(port))) {
      return app.echo("hello").equals("hello");
    } catch (IOException e) {
      return false;
    }
  }

  private static String policy(String action, int port, String metadata) {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: told, namespace: mesh%s}
    spec:
      selector: {matchLabels: {app: server}}
      action: %s
      rules:
      - to:
        - operation: {ports: ["%d"]}
    """
        .formatted(metadata, action, port);
  }

  private static Optional<String> line(Path log, String message, String destination) {
    try {
      return Files.readAllLines(log).stream()
          .filter(line -> line.contains(message) && line.contains(destination))
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
