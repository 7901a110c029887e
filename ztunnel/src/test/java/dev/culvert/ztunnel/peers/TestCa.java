// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.peers;

import java.io.StringWriter;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A root and what it signs, good or bad as the test wants it. */
public final class TestCa {
  private final KeyPair keys = newKeys();
  private final X500Name name;
  private final X509Certificate root;

  public TestCa(String name) {
    this.name = new X500Name("CN=" + name);
    this.root = makeRoot();
  }

  public static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  public static String pem(X509Certificate certificate) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(certificate);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    return text.toString();
  }

  public X509Certificate root() {
    return root;
  }

  /** A leaf for workloads, good for both sides. */
  public X509Certificate workload(PublicKey key, Instant from, Instant until, String... uris) {
    GeneralName[] names = new GeneralName[uris.length];
    for (int i = 0; i < uris.length; i++) {
      names[i] = new GeneralName(GeneralName.uniformResourceIdentifier, uris[i]);
    }
    return leaf(key, from, until, new GeneralNames(names));
  }

  /** A leaf for workloads that is valid now. */
  public X509Certificate workload(PublicKey key, Duration life, String... uris) {
    Instant now = Instant.now();
    return workload(key, now.minusSeconds(60), now.plus(life), uris);
  }

  /** A leaf for a server on the loopback addresses. */
  public X509Certificate localhost(PublicKey key) {
    Instant now = Instant.now();
    GeneralNames names =
        new GeneralNames(
            new GeneralName[] {
              new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
              new GeneralName(GeneralName.dNSName, "localhost")
            });
    return leaf(key, now.minusSeconds(60), now.plusSeconds(3600), names);
  }

  private X509Certificate leaf(PublicKey key, Instant from, Instant until, GeneralNames names) {
    try {
      var builder =
          new JcaX509v3CertificateBuilder(
              name,
              new BigInteger(100, new SecureRandom()),
              Date.from(from),
              Date.from(until),
              new X500Name(""),
              key);
      builder.addExtension(Extension.subjectAlternativeName, true, names);
      builder.addExtension(
          Extension.extendedKeyUsage,
          false,
          new ExtendedKeyUsage(
              new KeyPurposeId[] {KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth}));
      return sign(builder);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** A CRL in PEM that takes those back, as of now. */
  public String crl(X509Certificate... revoked) {
    try {
      Date now = Date.from(Instant.now());
      var builder = new JcaX509v2CRLBuilder(root, now);
      builder.setNextUpdate(Date.from(Instant.now().plusSeconds(3600)));
      for (X509Certificate one : revoked) {
        builder.addCRLEntry(one.getSerialNumber(), now, CRLReason.keyCompromise);
      }
      StringWriter text = new StringWriter();
      try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
        writer.writeObject(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
      }
      return text.toString();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private X509Certificate makeRoot() {
    try {
      Instant now = Instant.now();
      var builder =
          new JcaX509v3CertificateBuilder(
              name,
              BigInteger.ONE,
              Date.from(now.minusSeconds(3600)),
              Date.from(now.plusSeconds(86400)),
              name,
              keys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      return sign(builder);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private X509Certificate sign(JcaX509v3CertificateBuilder builder) throws Exception {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
  }
}
