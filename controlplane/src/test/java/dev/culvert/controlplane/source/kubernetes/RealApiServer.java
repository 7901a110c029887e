// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.Socket;
import java.net.http.HttpClient;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * The same rules, asked of the server at {@code CULVERT_API_SERVER}, which asks nobody who he is:
 * by hand only, as {@code -Dtest=RealApiServer}. docs/kubernetes.md says which it was.
 */
@EnabledIfEnvironmentVariable(named = "CULVERT_API_SERVER", matches = ".+")
class RealApiServer extends ApiServerRules {
  private final HttpClient http = HttpClient.newBuilder().sslContext(trusting()).build();

  @Override
  String url() {
    return System.getenv("CULVERT_API_SERVER");
  }

  @Override
  HttpClient http() {
    return http;
  }

  @Override
  KubernetesClient client() {
    return ApiAccess.open(
        new ConfigBuilder(Config.empty()).withMasterUrl(url()).withTrustCerts(true).build());
  }

  @Override
  void stop() {
    // It is not ours.
  }

  /** It is on this machine, with a certificate that it made for itself. */
  private static SSLContext trusting() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Anybody()}, null);
      return context;
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
