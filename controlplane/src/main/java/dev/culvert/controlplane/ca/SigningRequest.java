// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import dev.culvert.policy.spiffe.SpiffeId;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * A PKCS#10 request (RFC 2986) that may be signed: its sender holds the key, the key is ECDSA on
 * P-256 or P-384, and it asks for nothing but one identity.
 *
 * @param key the key to certify
 * @param pem the request as it may be passed on
 */
record SigningRequest(PublicKey key, String pem) {
  /** Many times what a P-384 request takes, in characters of PEM. */
  static final int MAX_LENGTH = 8 * 1024;

  private static final Set<ASN1Encodable> CURVES =
      Set.of(SECObjectIdentifiers.secp256r1, SECObjectIdentifiers.secp384r1);

  /**
   * Reads and checks a request.
   *
   * @param identity the only name that it may and must ask for
   */
  static SigningRequest parse(String pem, SpiffeId identity) throws RejectedRequestException {
    if (pem.length() > MAX_LENGTH) {
      throw new RejectedRequestException(
          "the CSR is longer than %d characters".formatted(MAX_LENGTH));
    }
    try {
      byte[] der = Pem.read(pem, "CERTIFICATE REQUEST");
      var request = new JcaPKCS10CertificationRequest(der);
      refuseOtherEncoding(request, der);
      refuseWeakKey(request.getSubjectPublicKeyInfo().getAlgorithm());
      refuseSubject(request);
      Extensions asked = request.getRequestedExtensions();
      if (asked == null) {
        throw RequestedExtensions.wrongNames(identity);
      }
      RequestedExtensions.check(asked, identity);
      PublicKey key = request.getPublicKey();
      refuseForeignKey(request, key);
      return new SigningRequest(key, Pem.text("CERTIFICATE REQUEST", der));
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      // BouncyCastle meets hostile ASN.1 with runtime exceptions of many kinds.
      throw new RejectedRequestException("the CSR cannot be read: " + e.getMessage());
    }
  }

  /** A signature is checked over what was understood, so nothing else may be in what was sent. */
  private static void refuseOtherEncoding(PKCS10CertificationRequest request, byte[] der)
      throws IOException, RejectedRequestException {
    if (!Arrays.equals(request.toASN1Structure().getEncoded(ASN1Encoding.DER), der)) {
      throw new RejectedRequestException("the CSR is not in DER");
    }
  }

  private static void refuseWeakKey(AlgorithmIdentifier algorithm) throws RejectedRequestException {
    if (!algorithm.getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)
        || !CURVES.contains(algorithm.getParameters())) {
      throw new RejectedRequestException("the CSR's key must be ECDSA on P-256 or P-384");
    }
  }

  private static void refuseSubject(PKCS10CertificationRequest request)
      throws RejectedRequestException {
    if (request.getSubject().getRDNs().length > 0) {
      throw new RejectedRequestException(
          "the CSR's subject must be empty: the identity goes into a URI SAN only");
    }
  }

  /** Only who holds the private key could sign the request with it. */
  private static void refuseForeignKey(PKCS10CertificationRequest request, PublicKey key)
      throws RejectedRequestException {
    try {
      if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
        throw new RejectedRequestException("the CSR's signature is not by the key it holds");
      }
    } catch (OperatorCreationException | PKCSException e) {
      throw new RejectedRequestException("the CSR's signature cannot be checked");
    }
  }
}
