// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.ca.Pem;
import dev.culvert.policy.resource.ConfigMapResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.SecretResource;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Whether the Secrets and ConfigMaps with certificates can be used, found once for each of them: no
 * key is kept. Not thread-safe.
 */
final class CertificateObjects {
  private static final byte[] TRIAL = {1};

  private final Map<ResourceKey, Optional<String>> problems = new HashMap<>();

  /** Takes one in; whether something else is to be said of it than before. */
  boolean put(Resource resource) {
    Optional<String> problem =
        switch (resource) {
          case SecretResource secret -> problem(secret);
          case ConfigMapResource map -> problem(map);
          default -> throw new IllegalArgumentException("no certificates: " + resource.key());
        };
    return !problem.equals(problems.put(resource.key(), problem));
  }

  /** One is gone; whether it was known. */
  boolean remove(ResourceKey key) {
    return problems.remove(key) != null;
  }

  boolean isThere(ResourceKey key) {
    return problems.containsKey(key);
  }

  /** Why one that is there cannot be used, if it cannot. */
  Optional<String> problem(ResourceKey key) {
    return problems.getOrDefault(key, Optional.empty());
  }

  private static Optional<String> problem(SecretResource secret) {
    if (!secret.isTls()) {
      return Optional.of(
          "it is of type %s: make it of type kubernetes.io/tls".formatted(secret.type()));
    }
    try {
      X509Certificate certificate = Pem.certificates(secret.value("tls.crt").orElse("")).getFirst();
      return keyProblem(secret.value("tls.key").orElse(""), certificate);
    } catch (IllegalArgumentException e) {
      return Optional.of("tls.crt %s: put a certificate there".formatted(e.getMessage()));
    }
  }

  private static Optional<String> keyProblem(String key, X509Certificate certificate) {
    try {
      return isKeyOf(Pem.key(key), certificate)
          ? Optional.empty()
          : Optional.of("tls.key is not that of tls.crt: put both of one issuance there");
    } catch (IllegalArgumentException e) {
      return Optional.of("tls.key %s: put the private key there".formatted(e.getMessage()));
    }
  }

  /** What the key signs, the certificate verifies; of other kinds the front door finds out. */
  private static boolean isKeyOf(PrivateKey key, X509Certificate certificate) {
    String kind =
        switch (certificate.getPublicKey().getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> "";
        };
    if (kind.isEmpty()) {
      return true;
    }
    try {
      Signature signature = Signature.getInstance(kind);
      signature.initSign(key);
      signature.update(TRIAL);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(TRIAL);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static Optional<String> problem(ConfigMapResource map) {
    try {
      return Pem.certificates(map.authorities().orElse("")).isEmpty()
          ? Optional.of("ca.crt holds no certificate: put those of the authority there")
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of("ca.crt %s: put those of the authority there".formatted(e.getMessage()));
    }
  }
}
