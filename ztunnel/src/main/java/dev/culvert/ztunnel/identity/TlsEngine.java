// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.util.Locale;

/** Which implementation of TLS the tunnels use, and the connections to the control plane. */
public enum TlsEngine {
  /** BoringSSL when its library loads here, else the JDK. */
  AUTO,
  /** BoringSSL through netty-tcnative; a start without it fails. */
  OPENSSL,
  /** The JDK's own. */
  JDK;

  /**
   * The provider to build contexts with: {@link SslProvider#OPENSSL} or {@link SslProvider#JDK}.
   *
   * @throws IllegalStateException for {@link #OPENSSL} when the library does not load
   */
  public SslProvider provider() {
    boolean loads = OpenSsl.isAvailable() && SslProvider.isTlsv13Supported(SslProvider.OPENSSL);
    return switch (this) {
      case JDK -> SslProvider.JDK;
      case AUTO -> loads ? SslProvider.OPENSSL : SslProvider.JDK;
      case OPENSSL -> {
        if (!loads) {
          throw new IllegalStateException(
              "tls-engine openssl: netty-tcnative does not load here (%s); use auto or jdk"
                  .formatted(OpenSsl.unavailabilityCause()));
        }
        yield SslProvider.OPENSSL;
      }
    };
  }

  /** What {@link #provider} picks, for logs: {@code openssl (BoringSSL)} or {@code jdk}. */
  public String describe() {
    SslProvider provider = provider();
    return provider == SslProvider.OPENSSL
        ? "openssl (%s)".formatted(OpenSsl.versionString())
        : provider.name().toLowerCase(Locale.ROOT);
  }
}
