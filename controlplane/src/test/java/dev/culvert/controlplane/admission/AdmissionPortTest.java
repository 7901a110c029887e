// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.ca.CertificateAuthority;
import dev.culvert.controlplane.ca.RootStore;
import dev.culvert.controlplane.ca.ServingCertificate;
import dev.culvert.controlplane.state.StateFolder;
import dev.culvert.controlplane.verdict.Said;
import dev.culvert.policy.spiffe.TrustDomain;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AdmissionPortTest {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.now().minus(Duration.ofMinutes(62)));

  @TempDir private Path folder;

  @Test
  void certificateThatIsRenewedIsShownToWhoeverConnectsThen() throws Exception {
    try (StateFolder state = StateFolder.open(folder)) {
      CertificateAuthority authority =
          RootStore.open(state, new TrustDomain("cluster.local"), now::get);
      ServingCertificate serving =
          new ServingCertificate(authority, List.of("localhost"), Duration.ofHours(2), now::get);
      try (AdmissionPort port = start(serving)) {
        X509Certificate first = shown(port);
        assertThat(shown(port)).isEqualTo(first);
        now.set(now.get().plus(Duration.ofMinutes(61)));
        serving.renewWhenDue();
        assertThat(shown(port).getNotAfter()).isAfter(first.getNotAfter());
      }
    }
  }

  private static AdmissionPort start(ServingCertificate serving) {
    return AdmissionPort.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        serving.keys(),
        new Admission((_, _) -> Said.NOTHING, (_, _, _) -> List.of()),
        new SimpleMeterRegistry());
  }

  /** What a client that trusts the root is shown; it knows nothing of earlier connections. */
  private X509Certificate shown(AdmissionPort port) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (var root = Files.newInputStream(folder.resolve(RootStore.CERTIFICATE))) {
      trusted.setCertificateEntry(
          "root", CertificateFactory.getInstance("X.509").generateCertificate(root));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(null, trust.getTrustManagers(), null);
    try (SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), port.port())) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }
}
