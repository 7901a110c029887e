// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.http.HttpClient;

/** The API server that tests play keeps to what a real one was seen to do. */
class PlayedApiServerTest extends ApiServerRules {
  private final ApiServer server = new ApiServer();
  private final HttpClient http = HttpClient.newHttpClient();

  PlayedApiServerTest() throws IOException {
    server.install("policy.culvert.dev/v1alpha1", "authorizationpolicies");
  }

  @Override
  String url() {
    return server.url();
  }

  @Override
  HttpClient http() {
    return http;
  }

  @Override
  KubernetesClient client() {
    return server.client();
  }

  @Override
  void stop() {
    server.close();
  }
}
