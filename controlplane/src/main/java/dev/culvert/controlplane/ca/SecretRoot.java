// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.text.OneLine;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The root of a mesh in a cluster: in a Secret that all replicas read and one of them makes, once.
 * Nothing but {@link RootRotation} writes it again; one that is not whole is an error, as a new one
 * would cut the mesh in two.
 */
public final class SecretRoot {
  /** The name of the Secret. */
  public static final String SECRET = "culvert-ca";

  private static final Logger LOG = LoggerFactory.getLogger(SecretRoot.class);
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final RootSecret secret;
  private final InstantSource clock;
  private String waitsFor = "";

  private SecretRoot(RootSecret secret, InstantSource clock) {
    this.secret = secret;
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
    RootSecret secret = new RootSecret(client, namespace, trustDomain, clock);
    SecretRoot root = new SecretRoot(secret, clock);
    Issuer first = root.await(leads);
    LOG.info("using the {} of {}", first, secret);
    return new OwnAuthority(root::again, clock, first);
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
      LOG.warn("{}: not serving yet, waits for {}", secret, what);
    }
  }

  /** Who comes second finds that it is there, and reads it. */
  private void make() {
    Instant now = clock.instant();
    RootRing ring = RootRing.of(SelfSigned.root(secret.trustDomain(), now), now);
    try {
      secret.create(ring);
      LOG.info("made the {} in {}", ring, secret);
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
                      secret, "is gone; its last content still signs here", RootSecret.RESTORE));
    } catch (KubernetesClientException e) {
      throw new ControlPlaneException(
          secret,
          "cannot be read (%s); its last content still signs here"
              .formatted(OneLine.of(String.valueOf(e.getMessage()))),
          "it is tried again",
          e);
    }
  }

  private Optional<Issuer> read() {
    return secret.read().map(held -> held.ring().issuer());
  }
}
