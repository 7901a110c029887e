// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.KeyPair;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Asks for the control plane's own certificate (PKCS#10, RFC 2986). */
final class RequestDraft {
  private RequestDraft() {}

  static String pem(KeyPair pair, List<GeneralName> names) {
    try {
      ExtensionsGenerator extensions = new ExtensionsGenerator();
      extensions.addExtension(
          Extension.subjectAlternativeName,
          true,
          new GeneralNames(names.toArray(GeneralName[]::new)));
      var request =
          new JcaPKCS10CertificationRequestBuilder(new X500Name(""), pair.getPublic())
              .addAttribute(
                  PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
      var signer = new JcaContentSignerBuilder(KeyPairs.signatureOf(pair.getPrivate()));
      return Pem.text(
          "CERTIFICATE REQUEST", request.build(signer.build(pair.getPrivate())).getEncoded());
    } catch (OperatorCreationException e) {
      throw new IllegalStateException("cannot sign a request", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
