// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.culvert.waypoint.plan.BackendTls;
import dev.culvert.waypoint.plan.ClientKey;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLException;

/**
 * The TLS contexts of backends, kept while the configuration changes, so that connections are. On
 * the thread that compiles.
 */
public final class BackendTlsContexts {
  private static final String VERIFY_HOST = "HTTPS";

  /**
   * What is asked for.
   *
   * @param authorities in PEM; empty for those of this machine
   * @param shown to who asks for it
   */
  record Wanted(
      String authorities, String hostname, List<BackendTls.Name> names, ClientKey shown) {}

  private final Map<Wanted, BackendTls> made = new HashMap<>();
  private final Set<Wanted> used = new HashSet<>();

  /** A configuration is compiled anew. */
  public void begin() {
    used.clear();
  }

  /** Forgets what the last configuration does not use. */
  public void end() {
    made.keySet().retainAll(used);
  }

  /**
   * The one that is asked for.
   *
   * @throws SSLException when the authorities or what is shown cannot be read
   */
  BackendTls of(Wanted wanted) throws SSLException {
    used.add(wanted);
    BackendTls known = made.get(wanted);
    if (known == null) {
      known =
          new BackendTls(
              context(wanted, offering(ApplicationProtocolNames.HTTP_1_1)),
              context(wanted, offering(ApplicationProtocolNames.HTTP_2)),
              context(wanted, ApplicationProtocolConfig.DISABLED),
              wanted.hostname(),
              wanted.names());
      made.put(wanted, known);
    }
    return known;
  }

  private static SslContext context(Wanted wanted, ApplicationProtocolConfig protocols)
      throws SSLException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
            .protocols("TLSv1.3", "TLSv1.2")
            .endpointIdentificationAlgorithm(wanted.names().isEmpty() ? VERIFY_HOST : null)
            .applicationProtocolConfig(protocols);
    if (!wanted.authorities().isEmpty()) {
      builder.trustManager(stream(wanted.authorities()));
    }
    if (wanted.shown() instanceof ClientKey.Pem(String certificate, String key)) {
      builder.keyManager(stream(certificate), stream(key));
    }
    return builder.build();
  }

  private static ByteArrayInputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(US_ASCII));
  }

  private static ApplicationProtocolConfig offering(String protocol) {
    return new ApplicationProtocolConfig(
        Protocol.ALPN,
        SelectorFailureBehavior.NO_ADVERTISE,
        SelectedListenerFailureBehavior.ACCEPT,
        protocol);
  }
}
