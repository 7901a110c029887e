// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.spiffe.TrustDomain;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The roots of a mesh as a Secret holds them. What is not whole is an error, and never replaced.
 */
record RootSecret(
    KubernetesClient client, String namespace, TrustDomain trustDomain, InstantSource clock) {

  static final String NEXT_CERTIFICATE = "next-cert.pem";
  static final String NEXT_KEY = "next-key.pem";
  static final String LAST_CERTIFICATE = "last-cert.pem";
  static final String SINCE = "policy.culvert.dev/root-step-since";
  static final String ROTATE = "policy.culvert.dev/rotate-root";
  static final String RESTORE =
      "restore the Secret from a backup; only to start a new mesh, delete it";

  /** The roots, and the version of the Secret that they were read from. */
  record Held(Secret secret, RootRing ring) {

    /** Whether somebody asks for another root. */
    boolean isChangeWanted() {
      return annotations(secret).containsKey(ROTATE);
    }

    /** Whether it is known how long the step lasts already. */
    boolean isTimed() {
      return ring.rests() || annotations(secret).containsKey(SINCE);
    }
  }

  /** Empty when there is no Secret. */
  Optional<Held> read() {
    Secret secret = client.secrets().inNamespace(namespace).withName(SecretRoot.SECRET).get();
    return Optional.ofNullable(secret).map(there -> new Held(there, ring(there)));
  }

  /** Fails with 409 when there is one. */
  void create(RootRing ring) {
    Secret secret =
        new SecretBuilder()
            .withNewMetadata()
            .withName(SecretRoot.SECRET)
            .withNamespace(namespace)
            .endMetadata()
            .withType("Opaque")
            .withData(data(ring))
            .build();
    client.resource(secret).create();
  }

  /** Fails with 409 when somebody has written it since it was read. */
  void replace(Held held, RootRing ring) {
    Secret secret =
        new SecretBuilder(held.secret())
            .editMetadata()
            .removeFromAnnotations(ROTATE)
            .addToAnnotations(SINCE, ring.since().toString())
            .endMetadata()
            .withData(data(ring))
            .build();
    client.resource(secret).update();
  }

  private RootRing ring(Secret secret) {
    Issuer signer = root(secret, RootStore.CERTIFICATE, RootStore.KEY);
    Optional<Issuer> next =
        has(secret, NEXT_CERTIFICATE) || has(secret, NEXT_KEY)
            ? Optional.of(root(secret, NEXT_CERTIFICATE, NEXT_KEY))
            : Optional.empty();
    Optional<X509Certificate> last =
        has(secret, LAST_CERTIFICATE)
            ? Optional.of(check(LAST_CERTIFICATE, "").certificate(text(secret, LAST_CERTIFICATE)))
            : Optional.empty();
    return new RootRing(signer, next, last, since(secret));
  }

  private Issuer root(Secret secret, String certificate, String key) {
    return check(certificate, key).root(trustDomain, text(secret, certificate), text(secret, key));
  }

  private RootCheck check(String certificate, String key) {
    return new RootCheck(this + ", " + certificate, this + ", " + key, RESTORE, clock.instant());
  }

  /** Without a time the step begins now: too long a step harms nobody. */
  private Instant since(Secret secret) {
    String text = annotations(secret).get(SINCE);
    try {
      return text == null ? clock.instant() : Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new ControlPlaneException(
          this,
          "annotation %s is no time".formatted(SINCE),
          "write one as 2026-01-31T12:00:00Z: when the last step of a change of roots was made",
          e);
    }
  }

  private static Map<String, String> annotations(Secret secret) {
    Map<String, String> annotations = secret.getMetadata().getAnnotations();
    return annotations == null ? Map.of() : annotations;
  }

  private static boolean has(Secret secret, String key) {
    return secret.getData() != null && secret.getData().containsKey(key);
  }

  private String text(Secret secret, String key) {
    if (!has(secret, key)) {
      throw new ControlPlaneException(this, key + " is missing in it", RESTORE);
    }
    try {
      return new String(Base64.getDecoder().decode(secret.getData().get(key)), UTF_8);
    } catch (IllegalArgumentException e) {
      throw new ControlPlaneException(this, key + " is no base64", RESTORE, e);
    }
  }

  private static Map<String, String> data(RootRing ring) {
    Map<String, String> data = new TreeMap<>();
    data.put(RootStore.CERTIFICATE, base64(Pem.of(ring.signer().certificate())));
    data.put(RootStore.KEY, base64(Pem.of(ring.signer().key())));
    ring.next()
        .ifPresent(
            root -> {
              data.put(NEXT_CERTIFICATE, base64(Pem.of(root.certificate())));
              data.put(NEXT_KEY, base64(Pem.of(root.key())));
            });
    ring.last().ifPresent(root -> data.put(LAST_CERTIFICATE, base64(Pem.of(root))));
    return data;
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  @Override
  public String toString() {
    return "Secret %s/%s".formatted(namespace, SecretRoot.SECRET);
  }
}
