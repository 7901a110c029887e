// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.text.OneLine;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The root of a mesh in a cluster: in a Secret that all replicas read and one of them makes, once.
 * It is never written over; one that is not whole is an error, as a new one would cut the mesh in
 * two.
 */
public final class SecretRoot {
  /** The name of the Secret. */
  public static final String SECRET = "culvert-ca";

  private static final Logger LOG = LoggerFactory.getLogger(SecretRoot.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final String RESTORE =
      "restore the Secret from a backup; only to start a new mesh, delete it";

  private final KubernetesClient client;
  private final String namespace;
  private final TrustDomain trustDomain;
  private final InstantSource clock;
  private String waitsFor = "";

  private SecretRoot(
      KubernetesClient client, String namespace, TrustDomain trustDomain, InstantSource clock) {
    this.client = client;
    this.namespace = namespace;
    this.trustDomain = trustDomain;
    this.clock = clock;
  }

  /**
   * Opens the authority of a trust domain; waits for the API server, and for the Secret while it is
   * another replica's to make.
   *
   * @param leads whether this replica may make the Secret now
   * @throws ControlPlaneException when the Secret is not whole, its parts do not fit each other,
   *     have run out, or belong to another trust domain
   * @throws InterruptedException when interrupted meanwhile
   */
  public static CertificateAuthority open(
      KubernetesClient client,
      String namespace,
      TrustDomain trustDomain,
      InstantSource clock,
      BooleanSupplier leads)
      throws InterruptedException {
    SecretRoot root = new SecretRoot(client, namespace, trustDomain, clock);
    Issuer first = root.await(leads);
    LOG.info("using the {} of {}", first, root);
    return new CertificateAuthority(root::again, clock, first);
  }

  private Issuer await(BooleanSupplier leads) throws InterruptedException {
    while (true) {
      try {
        Optional<Issuer> found = read();
        if (found.isPresent()) {
          return found.get();
        }
        if (leads.getAsBoolean()) {
          make();
          continue;
        }
        waitFor("the leader to make it");
      } catch (KubernetesClientException e) {
        waitFor("the API server: " + OneLine.of(String.valueOf(e.getMessage())));
      }
      Thread.sleep(PAUSE);
    }
  }

  private void waitFor(String what) {
    if (!what.equals(waitsFor)) {
      waitsFor = what;
      LOG.warn("{}: not serving yet, waits for {}", this, what);
    }
  }

  /** Who comes second finds that it is there, and reads it. */
  private void make() {
    Issuer root = SelfSigned.root(trustDomain, clock.instant());
    Secret secret =
        new SecretBuilder()
            .withNewMetadata()
            .withName(SECRET)
            .withNamespace(namespace)
            .endMetadata()
            .withType("Opaque")
            .withData(
                Map.of(
                    RootStore.CERTIFICATE, base64(Pem.of(root.certificate())),
                    RootStore.KEY, base64(Pem.of(root.key()))))
            .build();
    try {
      client.resource(secret).create();
      LOG.info("made the {} in {}", root, this);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
    }
  }

  private Issuer again() {
    try {
      return read()
          .orElseThrow(
              () ->
                  new ControlPlaneException(
                      this, "is gone; its last content still signs here", RESTORE));
    } catch (KubernetesClientException e) {
      throw new ControlPlaneException(
          this,
          "cannot be read (%s); its last content still signs here"
              .formatted(OneLine.of(String.valueOf(e.getMessage()))),
          "it is tried again",
          e);
    }
  }

  private Optional<Issuer> read() {
    Secret secret = client.secrets().inNamespace(namespace).withName(SECRET).get();
    if (secret == null) {
      return Optional.empty();
    }
    RootCheck check =
        new RootCheck(
            this + ", " + RootStore.CERTIFICATE,
            this + ", " + RootStore.KEY,
            RESTORE,
            clock.instant());
    return Optional.of(
        check.root(trustDomain, text(secret, RootStore.CERTIFICATE), text(secret, RootStore.KEY)));
  }

  private String text(Secret secret, String key) {
    String data = secret.getData() == null ? null : secret.getData().get(key);
    if (data == null) {
      throw new ControlPlaneException(this, key + " is missing in it", RESTORE);
    }
    try {
      return new String(Base64.getDecoder().decode(data), UTF_8);
    } catch (IllegalArgumentException e) {
      throw new ControlPlaneException(this, key + " is no base64", RESTORE, e);
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  @Override
  public String toString() {
    return "Secret %s/%s".formatted(namespace, SECRET);
  }
}
