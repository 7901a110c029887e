// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The roots that proxies trust, and for how long they are valid. */
final class RootCheck implements Check {
  private static final String NAME = "culvert-ca-root-cert";
  private static final String KEY = "root-cert.pem";

  /** Time enough for the three steps of docs/controlplane.md. */
  private static final Duration SOON = Duration.ofDays(30);

  private final KubernetesClient client;
  private final String namespace;
  private final Clock clock;

  RootCheck(KubernetesClient client, String namespace, Clock clock) {
    this.client = client;
    this.namespace = namespace;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "the mesh's roots";
  }

  @Override
  public List<Finding> findings() throws IOException {
    ConfigMap map = client.configMaps().inNamespace(namespace).withName(NAME).get();
    if (map == null) {
      return List.of(
          Finding.note(
              "there is no ConfigMap %s/%s: the control plane has not run here"
                  .formatted(namespace, NAME)));
    }
    List<Finding> findings = new ArrayList<>();
    for (X509Certificate root : parse(map.getData().getOrDefault(KEY, ""))) {
      findings.add(of(root));
    }
    return findings.isEmpty()
        ? List.of(
            Finding.failure(
                "ConfigMap %s/%s has no root".formatted(namespace, NAME),
                "restart the control plane: it writes it anew"))
        : findings;
  }

  private Finding of(X509Certificate root) {
    Instant end = root.getNotAfter().toInstant();
    String name = root.getSubjectX500Principal().getName();
    String remedy = "change the root as docs/controlplane.md tells, in three steps";
    if (end.isBefore(clock.instant())) {
      return Finding.failure("the root %s has ended at %s".formatted(name, end), remedy);
    }
    return end.isBefore(clock.instant().plus(SOON))
        ? Finding.warning("the root %s ends at %s".formatted(name, end), remedy)
        : Finding.ok("the root %s is valid until %s".formatted(name, end));
  }

  private static List<X509Certificate> parse(String pem) throws IOException {
    List<X509Certificate> roots = new ArrayList<>();
    try {
      for (Certificate each :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))) {
        roots.add((X509Certificate) each);
      }
      return roots;
    } catch (CertificateException e) {
      throw new IOException("ConfigMap %s: %s".formatted(NAME, e.getMessage()), e);
    }
  }
}
