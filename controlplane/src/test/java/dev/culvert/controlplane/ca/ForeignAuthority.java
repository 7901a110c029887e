// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/** An authority as a company's own PKI makes it. */
record ForeignAuthority(KeyPair keys, X509Certificate certificate) {
  static final Duration LONG = Duration.ofDays(365);

  static ForeignAuthority root(String name) throws Exception {
    return root(name, KeyPairs.generate());
  }

  static ForeignAuthority rsaRoot(String name) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return root(name, generator.generateKeyPair());
  }

  private static ForeignAuthority root(String name, KeyPair keys) throws Exception {
    return sign(
        new X500Name("CN=" + name), keys, "CN=" + name, keys, new Limits(LONG, 3, "", true));
  }

  ForeignAuthority under(String name) throws Exception {
    return under(name, new Limits(LONG, 2, "", true));
  }

  ForeignAuthority under(String name, Limits limits) throws Exception {
    return under(name, KeyPairs.generate(), limits);
  }

  ForeignAuthority under(String name, KeyPair pair) throws Exception {
    return under(name, pair, new Limits(LONG, 2, "", true));
  }

  private ForeignAuthority under(String name, KeyPair pair, Limits limits) throws Exception {
    X500Name issuer = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    return sign(issuer, keys, "CN=" + name, pair, limits);
  }

  /** The file of the key as OpenSSL writes it. */
  String keyPem() throws Exception {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      if (keys.getPrivate() instanceof ECPrivateKey key) {
        var sec1 =
            new org.bouncycastle.asn1.sec.ECPrivateKey(
                256, key.getS(), SECObjectIdentifiers.secp256r1);
        writer.writeObject(new PemObject("EC PRIVATE KEY", sec1.getEncoded()));
      } else {
        writer.writeObject(keys.getPrivate());
      }
    }
    return text.toString();
  }

  /** Writes the four files; the chain leads up from here. */
  void plugInto(Path folder, ForeignAuthority[] above, ForeignAuthority... roots) throws Exception {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(PluggedIn.CERTIFICATE), pem(this));
    Files.writeString(folder.resolve(PluggedIn.KEY), keyPem());
    Files.writeString(folder.resolve(PluggedIn.CHAIN), pem(this) + pem(above));
    Files.writeString(folder.resolve(PluggedIn.ROOTS), pem(roots));
  }

  static String pem(ForeignAuthority... authorities) {
    return Arrays.stream(authorities)
        .map(ForeignAuthority::certificate)
        .map(Pem::of)
        .collect(Collectors.joining());
  }

  private static ForeignAuthority sign(
      X500Name issuer, KeyPair signer, String name, KeyPair keys, Limits limits) throws Exception {
    Instant now = Instant.now();
    var builder =
        new JcaX509v3CertificateBuilder(
            issuer,
            BigInteger.valueOf(System.nanoTime()),
            Date.from(now.minus(LONG)),
            Date.from(now.plus(limits.life())),
            new X500Name(name),
            keys.getPublic());
    BasicConstraints constraints =
        limits.authority()
            ? new BasicConstraints(limits.pathLength())
            : new BasicConstraints(false);
    builder.addExtension(Extension.basicConstraints, true, constraints);
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
    if (!limits.uris().isEmpty()) {
      GeneralName only = new GeneralName(GeneralName.uniformResourceIdentifier, limits.uris());
      builder.addExtension(
          Extension.nameConstraints,
          true,
          new NameConstraints(new GeneralSubtree[] {new GeneralSubtree(only)}, null));
    }
    var algorithm = new JcaContentSignerBuilder(KeyPairs.signatureOf(signer.getPrivate()));
    return new ForeignAuthority(
        keys,
        new JcaX509CertificateConverter()
            .getCertificate(builder.build(algorithm.build(signer.getPrivate()))));
  }

  /** What the one above allows. */
  record Limits(Duration life, int pathLength, String uris, boolean authority) {}
}
