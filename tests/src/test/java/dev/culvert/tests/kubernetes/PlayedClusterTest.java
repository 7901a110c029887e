// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.source.kubernetes.ApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * On an API server that is played, over real HTTP. Its controllers are quicker than real ones, and
 * it holds the control plane to the roles that were installed.
 */
final class PlayedClusterTest extends ClusterScenarios {
  private static final String TOKEN = "controlplane";

  private final ApiServer server;

  PlayedClusterTest() throws IOException {
    server = new ApiServer();
    server.rollOut();
    server.bind(TOKEN, "culvert-controlplane");
    for (String kind : List.of("gateways", "httproutes", "grpcroutes", "gatewayclasses")) {
      server.install("gateway.networking.k8s.io/v1", kind);
    }
  }

  @Test
  @Order(12)
  void controlPlaneAskedForNothingThatItsRolesDoNotAllow() {
    assertThat(server.forbidden()).isEmpty();
  }

  @Override
  String absent() {
    return "";
  }

  @Override
  Path kubeconfig(Path folder) throws IOException {
    return kubeconfig(folder, "admin");
  }

  @Override
  Path controlPlaneKubeconfig(Path folder) throws IOException {
    return kubeconfig(folder, TOKEN);
  }

  @Override
  Optional<String> image() {
    return Optional.of("culvert/culvert:none");
  }

  @Override
  boolean runs() {
    return false;
  }

  @Override
  void end() {
    server.close();
  }

  private Path kubeconfig(Path folder, String token) throws IOException {
    return Files.writeString(
        folder.resolve("kubeconfig-" + token),
        """
        apiVersion: v1
        kind: Config
        current-context: test
        contexts: [{name: test, context: {cluster: test, user: test}}]
        clusters: [{name: test, cluster: {server: "%s"}}]
        users: [{name: test, user: {token: "%s"}}]
        """
            .formatted(server.url(), token));
  }
}
