// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509ExtensionUtils;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate until it is signed. */
final class CertificateDraft {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final X509v3CertificateBuilder builder;

  private CertificateDraft(X509v3CertificateBuilder builder) {
    this.builder = builder;
  }

  static CertificateDraft of(
      X500Name issuer, X500Name subject, PublicKey key, Instant from, Instant to) {
    SubjectPublicKeyInfo subjectKey = SubjectPublicKeyInfo.getInstance(key.getEncoded());
    BigInteger serial = new BigInteger(128, RANDOM);
    CertificateDraft draft =
        new CertificateDraft(
            new X509v3CertificateBuilder(
                issuer, serial, Date.from(from), Date.from(to), subject, subjectKey));
    return draft.with(
        Extension.subjectKeyIdentifier, false, keyIds().createSubjectKeyIdentifier(subjectKey));
  }

  CertificateDraft authority() {
    with(Extension.basicConstraints, true, new BasicConstraints(true));
    return with(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
  }

  CertificateDraft leaf(X509Certificate issuer, KeyPurposeId... purposes) {
    with(Extension.basicConstraints, true, new BasicConstraints(false));
    with(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    with(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
    SubjectPublicKeyInfo key = SubjectPublicKeyInfo.getInstance(issuer.getPublicKey().getEncoded());
    return with(
        Extension.authorityKeyIdentifier, false, keyIds().createAuthorityKeyIdentifier(key));
  }

  /** RFC 5280, section 4.2.1.6: critical exactly when the subject is empty. */
  CertificateDraft names(boolean critical, List<GeneralName> names) {
    return with(
        Extension.subjectAlternativeName,
        critical,
        new GeneralNames(names.toArray(GeneralName[]::new)));
  }

  X509Certificate sign(PrivateKey issuerKey) {
    try {
      ContentSigner signer =
          new JcaContentSignerBuilder(KeyPairs.signatureOf(issuerKey)).build(issuerKey);
      return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot sign a certificate", e);
    }
  }

  private CertificateDraft with(ASN1ObjectIdentifier id, boolean critical, ASN1Encodable value) {
    try {
      builder.addExtension(id, critical, value);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static X509ExtensionUtils keyIds() {
    try {
      return new JcaX509ExtensionUtils();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no SHA-1 for key identifiers", e);
    }
  }
}
