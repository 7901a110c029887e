// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.istio;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * What Cilium's guide has made for its agents: a certificate for localhost that is its own root and
 * no CA, and a CA, both with RSA keys and of one name.
 */
public record CiliumSecrets(
    X509Certificate bootstrap, KeyPair bootstrapKeys, X509Certificate ca, KeyPair caKeys) {
  private static final X500Name NAME = new X500Name("O=cluster.local");
  private static final AtomicLong SERIAL = new AtomicLong();

  /** New ones. */
  public static CiliumSecrets create() throws IOException {
    try {
      KeyPair bootstrapKeys = rsa();
      KeyPair caKeys = rsa();
      return new CiliumSecrets(bootstrap(bootstrapKeys), bootstrapKeys, authority(caKeys), caKeys);
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IOException("cannot make certificates", e);
    }
  }

  private static X509Certificate bootstrap(KeyPair keys)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    X509v3CertificateBuilder builder = builder(NAME, keys.getPublic(), keys.getPublic());
    builder.addExtension(Extension.basicConstraints, false, new BasicConstraints(false));
    builder.addExtension(
        Extension.keyUsage,
        false,
        new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
    builder.addExtension(
        Extension.extendedKeyUsage,
        false,
        new ExtendedKeyUsage(
            new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(new GeneralName(GeneralName.dNSName, "localhost")));
    return sign(builder, keys);
  }

  private static X509Certificate authority(KeyPair keys)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    X509v3CertificateBuilder builder = builder(NAME, keys.getPublic(), keys.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    builder.addExtension(
        Extension.keyUsage,
        true,
        new KeyUsage(KeyUsage.digitalSignature | KeyUsage.cRLSign | KeyUsage.keyCertSign));
    return sign(builder, keys);
  }

  /** As its agent signs: with the names that were asked for and without usages. */
  List<String> sign(String request) throws IOException {
    try (PEMParser parser = new PEMParser(new StringReader(request))) {
      var asked =
          new JcaPKCS10CertificationRequest((PKCS10CertificationRequest) parser.readObject());
      X509v3CertificateBuilder builder =
          builder(new X500Name(""), asked.getPublicKey(), caKeys.getPublic());
      builder.addExtension(Extension.subjectAlternativeName, true, names(asked));
      return List.of(pem(sign(builder, caKeys)), pem(ca));
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IOException("cannot sign " + request, e);
    }
  }

  /** The first name of the request. */
  static String identity(String request) throws IOException {
    try (PEMParser parser = new PEMParser(new StringReader(request))) {
      var asked = (PKCS10CertificationRequest) parser.readObject();
      return names(asked).getNames()[0].getName().toString();
    }
  }

  private static GeneralNames names(PKCS10CertificationRequest asked) {
    return GeneralNames.fromExtensions(
        asked.getRequestedExtensions(), Extension.subjectAlternativeName);
  }

  /** In PEM. */
  public String bootstrapPem() throws IOException {
    return pem(bootstrap);
  }

  private static String pem(X509Certificate certificate) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(certificate);
    }
    return text.toString();
  }

  private static X509v3CertificateBuilder builder(X500Name subject, PublicKey of, PublicKey issuer)
      throws IOException, GeneralSecurityException {
    Instant now = Instant.now();
    var builder =
        new JcaX509v3CertificateBuilder(
            NAME,
            BigInteger.valueOf(SERIAL.incrementAndGet()),
            Date.from(now.minus(Duration.ofMinutes(1))),
            Date.from(now.plus(Duration.ofDays(30))),
            subject,
            of);
    var identifiers = new JcaX509ExtensionUtils();
    if (of.equals(issuer)) {
      builder.addExtension(
          Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(of));
    }
    builder.addExtension(
        Extension.authorityKeyIdentifier, false, identifiers.createAuthorityKeyIdentifier(issuer));
    return builder;
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, KeyPair keys)
      throws GeneralSecurityException, OperatorCreationException {
    var signer = new JcaContentSignerBuilder("SHA256withRSA").build(keys.getPrivate());
    return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
  }

  private static KeyPair rsa() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair();
  }
}
