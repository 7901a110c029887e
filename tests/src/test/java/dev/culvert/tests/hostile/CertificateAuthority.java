// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * A CA that signs whatever it is asked to: the mesh's own root, taken from the controlplane's
 * state, or a stranger's.
 */
public final class CertificateAuthority {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final X509Certificate root;
  private final PrivateKey key;

  private CertificateAuthority(X509Certificate root, PrivateKey key) {
    this.root = root;
    this.key = key;
  }

  /** The CA whose root every ztunnel of the mesh trusts. */
  public static CertificateAuthority ofMesh(Path controlPlaneState) throws IOException {
    try (Reader certificate = Files.newBufferedReader(controlPlaneState.resolve("root-cert.pem"));
        Reader key = Files.newBufferedReader(controlPlaneState.resolve("root-key.pem"))) {
      var holder = (X509CertificateHolder) new PEMParser(certificate).readObject();
      return new CertificateAuthority(
          new JcaX509CertificateConverter().getCertificate(holder),
          privateKey(new PEMParser(key).readObject()));
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot read the root of " + controlPlaneState, e);
    }
  }

  /** A CA that nobody trusts, though it goes by the same name. */
  public static CertificateAuthority stranger(X509Certificate namesake) {
    return named(X500Name.getInstance(namesake.getSubjectX500Principal().getEncoded()));
  }

  /** A CA of its own. */
  public static CertificateAuthority alone() {
    return named(new X500Name("O=tests"));
  }

  private static CertificateAuthority named(X500Name name) {
    KeyPair pair = newKeyPair();
    Instant now = Instant.now();
    var builder =
        new JcaX509v3CertificateBuilder(
            name,
            serial(),
            Date.from(now.minus(Duration.ofHours(1))),
            Date.from(now.plus(Duration.ofDays(1))),
            name,
            pair.getPublic());
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
      return new CertificateAuthority(sign(builder, pair.getPrivate()), pair.getPrivate());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The root in PEM. */
  public String pem() {
    return pem(root);
  }

  private static String pem(X509Certificate certificate) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(certificate);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /**
   * Writes it as Istio's Secret cacerts holds one: it signs.
   *
   * @param roots what is trusted, this one's or others' too
   */
  public void signIn(Path folder, CertificateAuthority... roots) throws IOException {
    StringWriter privateKey = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(privateKey)) {
      writer.writeObject(new JcaPKCS8Generator(key, null));
    }
    StringBuilder trusted = new StringBuilder();
    for (CertificateAuthority one : roots) {
      trusted.append(one.pem());
    }
    Files.writeString(folder.resolve("root-cert.pem"), trusted);
    Files.writeString(folder.resolve("ca-key.pem"), privateKey.toString());
    Files.writeString(folder.resolve("ca-cert.pem"), pem());
    Files.writeString(folder.resolve("cert-chain.pem"), pem());
  }

  /** A CRL in PEM that takes those certificates back. */
  public String crl(BigInteger... serials) throws IOException {
    Instant now = Instant.now();
    try {
      var builder = new JcaX509v2CRLBuilder(root, Date.from(now));
      builder.setNextUpdate(Date.from(now.plus(Duration.ofHours(1))));
      for (BigInteger serial : serials) {
        builder.addCRLEntry(serial, Date.from(now), CRLReason.keyCompromise);
      }
      StringWriter text = new StringWriter();
      try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
        writer.writeObject(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
      }
      return text.toString();
    } catch (OperatorCreationException e) {
      throw new IOException("cannot sign a CRL", e);
    }
  }

  public X509Certificate root() {
    return root;
  }

  /** A certificate for the identity that is valid for an hour. */
  public PeerCertificate issue(String identity) {
    Instant now = Instant.now();
    return issue(identity, now.minus(Duration.ofHours(1)), now.plus(Duration.ofHours(1)));
  }

  /** A certificate for the identity, good for both ends of TLS, valid as asked. */
  public PeerCertificate issue(String identity, Instant from, Instant until) {
    return issue(new GeneralName(GeneralName.uniformResourceIdentifier, identity), from, until);
  }

  /** A certificate for a server that is reached by address, valid for an hour. */
  public PeerCertificate issueServer(InetAddress address) {
    Instant now = Instant.now();
    return issue(
        new GeneralName(GeneralName.iPAddress, address.getHostAddress()),
        now.minus(Duration.ofHours(1)),
        now.plus(Duration.ofHours(1)));
  }

  /** A certificate for a server that is reached by name, valid for an hour. */
  public PeerCertificate issueServer(String name) {
    Instant now = Instant.now();
    return issue(
        new GeneralName(GeneralName.dNSName, name),
        now.minus(Duration.ofHours(1)),
        now.plus(Duration.ofHours(1)));
  }

  /** Signs a request in PEM for whatever it asks, for an hour: leaf and root in PEM. */
  public List<String> sign(String request) throws IOException {
    try (PEMParser parser = new PEMParser(new StringReader(request))) {
      var asked =
          new JcaPKCS10CertificationRequest((PKCS10CertificationRequest) parser.readObject());
      Instant now = Instant.now();
      var builder =
          new JcaX509v3CertificateBuilder(
              X500Name.getInstance(root.getSubjectX500Principal().getEncoded()),
              serial(),
              Date.from(now.minus(Duration.ofMinutes(1))),
              Date.from(now.plus(Duration.ofHours(1))),
              new X500Name(""),
              asked.getPublicKey());
      GeneralNames names =
          GeneralNames.fromExtensions(
              asked.getRequestedExtensions(), Extension.subjectAlternativeName);
      builder.addExtension(Extension.subjectAlternativeName, true, names);
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      return List.of(pem(sign(builder, key)), pem());
    } catch (GeneralSecurityException e) {
      throw new IOException("not a request for a certificate", e);
    }
  }

  private PeerCertificate issue(GeneralName subject, Instant from, Instant until) {
    KeyPair pair = newKeyPair();
    var builder =
        new JcaX509v3CertificateBuilder(
            X500Name.getInstance(root.getSubjectX500Principal().getEncoded()),
            serial(),
            Date.from(from),
            Date.from(until),
            new X500Name(""),
            pair.getPublic());
    try {
      builder.addExtension(Extension.subjectAlternativeName, true, new GeneralNames(subject));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      return new PeerCertificate(sign(builder, key), root, pair.getPrivate());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key) {
    try {
      var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(key);
      return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot sign a test certificate", e);
    }
  }

  private static PrivateKey privateKey(Object pem) throws IOException {
    PrivateKeyInfo info =
        pem instanceof PEMKeyPair pair ? pair.getPrivateKeyInfo() : (PrivateKeyInfo) pem;
    return new JcaPEMKeyConverter().getPrivateKey(info);
  }

  /** A fresh ECDSA P-256 pair. */
  public static KeyPair newKeyPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK has no P-256", e);
    }
  }

  private static BigInteger serial() {
    return new BigInteger(120, RANDOM).add(BigInteger.ONE);
  }
}
