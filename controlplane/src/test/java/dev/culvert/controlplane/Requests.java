// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import java.io.StringWriter;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** Signing requests, good and bad. */
final class Requests {
  private Requests() {}

  static KeyPair keys(String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    return generator.generateKeyPair();
  }

  static GeneralName uri(Object uri) {
    return new GeneralName(GeneralName.uniformResourceIdentifier, uri.toString());
  }

  static String csr(KeyPair keys, String subject, boolean authority, List<GeneralName> names)
      throws Exception {
    return csr(keys, keys.getPrivate(), subject, authority, names);
  }

  static String csr(
      KeyPair keys, PrivateKey signer, String subject, boolean authority, List<GeneralName> names)
      throws Exception {
    var builder = new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), keys.getPublic());
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    if (!names.isEmpty()) {
      extensions.addExtension(
          Extension.subjectAlternativeName,
          true,
          new GeneralNames(names.toArray(GeneralName[]::new)));
    }
    if (authority) {
      extensions.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    }
    if (!extensions.isEmpty()) {
      builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
    }
    String algorithm = signer.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
    byte[] der = builder.build(new JcaContentSignerBuilder(algorithm).build(signer)).getEncoded();
    return pem("CERTIFICATE REQUEST", der);
  }

  static String pem(String kind, byte[] der) throws Exception {
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(new PemObject(kind, der));
    }
    return text.toString();
  }

  static IstioCertificateRequest good(String namespace, String account) throws Exception {
    SpiffeId identity = SpiffeId.workload(TestPlane.DOMAIN, namespace, account);
    return request(identity, csr(keys("secp256r1"), "", false, List.of(uri(identity))));
  }

  static IstioCertificateRequest request(Object identity, String csr) {
    Value value = Value.newBuilder().setStringValue(identity.toString()).build();
    return IstioCertificateRequest.newBuilder()
        .setCsr(csr)
        .setMetadata(Struct.newBuilder().putFields("ImpersonatedIdentity", value))
        .build();
  }
}
