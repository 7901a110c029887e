// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;

/** Keys: new ones on P-256: the curve every TLS 1.3 peer must have (RFC 8446, section 9.1). */
final class KeyPairs {
  private KeyPairs() {}

  static KeyPair generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no P-256", e);
    }
  }

  /** What certificates and requests are signed with, by the kind of key. */
  static String signatureOf(PrivateKey key) {
    return key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
  }

  /** Whether what the one signs the other verifies. */
  static boolean fit(PublicKey verifier, PrivateKey signer) {
    try {
      byte[] probe = verifier.getEncoded();
      Signature signature = Signature.getInstance(signatureOf(signer));
      signature.initSign(signer);
      signature.update(probe);
      byte[] signed = signature.sign();
      signature.initVerify(verifier);
      signature.update(probe);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
