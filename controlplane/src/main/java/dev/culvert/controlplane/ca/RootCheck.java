// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.spiffe.TrustDomain;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;

/**
 * Reads a root from its two texts and doubts all of it.
 *
 * @param certificateFile where the certificate is from, for errors
 * @param keyFile where the key is from, for errors
 * @param remedy what an operator does about a broken file
 */
record RootCheck(Object certificateFile, Object keyFile, String remedy, Instant now) {

  Issuer root(TrustDomain trustDomain, String certificatePem, String keyPem) {
    X509Certificate certificate = certificate(certificatePem);
    refuseOtherDomain(trustDomain, certificate);
    refuseUnfit(certificate);
    PrivateKey key = key(keyPem);
    refuseForeignKey(certificate, key);
    return Issuer.root(trustDomain, key, certificate);
  }

  X509Certificate certificate(String pem) {
    try {
      byte[] der = Pem.read(pem, "CERTIFICATE");
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw garbled(certificateFile, e);
    }
  }

  private PrivateKey key(String pem) {
    try {
      byte[] der = Pem.read(pem, "PRIVATE KEY");
      return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw garbled(keyFile, e);
    }
  }

  private void refuseOtherDomain(TrustDomain trustDomain, X509Certificate certificate) {
    try {
      var names = certificate.getSubjectAlternativeNames();
      String wanted = SelfSigned.uri(trustDomain).getName().toString();
      if (names == null || names.stream().noneMatch(name -> name.contains(wanted))) {
        throw new ControlPlaneException(
            certificateFile,
            "the root is not of trust domain " + trustDomain,
            "set 'trust-domain' to the root's own, or use another 'state' folder");
      }
    } catch (CertificateParsingException e) {
      throw garbled(certificateFile, e);
    }
  }

  private void refuseUnfit(X509Certificate certificate) {
    if (certificate.getBasicConstraints() < 0) {
      throw new ControlPlaneException(certificateFile, "is no certificate of an authority", remedy);
    }
    if (certificate.getNotAfter().toInstant().isBefore(now)) {
      throw new ControlPlaneException(
          certificateFile, "expired on " + certificate.getNotAfter().toInstant(), remedy);
    }
    try {
      certificate.verify(certificate.getPublicKey());
    } catch (GeneralSecurityException e) {
      throw garbled(certificateFile, e);
    }
  }

  private void refuseForeignKey(X509Certificate certificate, PrivateKey key) {
    if (!KeyPairs.fit(certificate.getPublicKey(), key)) {
      throw new ControlPlaneException(keyFile, "is not the key of " + certificateFile, remedy);
    }
  }

  private ControlPlaneException garbled(Object file, Exception cause) {
    return new ControlPlaneException(file, cause.getMessage(), remedy, cause);
  }
}
