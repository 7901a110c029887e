// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

import java.io.IOException;
import java.io.StringWriter;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** PKCS#10 requests in PEM, right and wrong. */
public final class SigningRequest {
  private SigningRequest() {}

  /** As ztunnel makes them: P-256, one URI, no subject. */
  public static String of(String identity) throws IOException {
    KeyPair pair = CertificateAuthority.newKeyPair();
    return pem(identity, pair.getPublic(), pair.getPrivate(), "SHA256withECDSA");
  }

  /** Signed with a key that is not the one in it. */
  public static String withForeignSignature(String identity) throws IOException {
    return pem(
        identity,
        CertificateAuthority.newKeyPair().getPublic(),
        CertificateAuthority.newKeyPair().getPrivate(),
        "SHA256withECDSA");
  }

  /** With a key of another kind. */
  public static String withRsaKey(String identity, int bits) throws IOException {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(bits);
      KeyPair pair = generator.generateKeyPair();
      return pem(identity, pair.getPublic(), pair.getPrivate(), "SHA256withRSA");
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static String pem(
      String identity, PublicKey publicKey, PrivateKey privateKey, String algorithm)
      throws IOException {
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    extensions.addExtension(
        Extension.subjectAlternativeName,
        true,
        new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, identity)));
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(
          new JcaPKCS10CertificationRequestBuilder(new X500Name(""), publicKey)
              .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
              .build(new JcaContentSignerBuilder(algorithm).build(privateKey)));
    } catch (OperatorCreationException e) {
      throw new IOException(e);
    }
    return text.toString();
  }
}
