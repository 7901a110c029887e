// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import dev.culvert.controlplane.state.ControlPlaneException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;

/**
 * Doubts what a signer that is not ours made: it must be what was asked for and nothing more, and
 * peers must trust it.
 */
record ForeignChainCheck(InstantSource clock) {

  /**
   * What was asked for.
   *
   * @param names all of them, and no other
   * @param purposes all of them, and no other
   */
  record Wanted(PublicKey key, List<GeneralName> names, List<KeyPurposeId> purposes) {}

  /**
   * The chain in an answer.
   *
   * @param answer PEM, leaf first
   * @throws ControlPlaneException when it is another than was asked for, or nobody would trust it
   */
  SignedChain trusted(String answer, Wanted wanted, List<X509Certificate> roots) {
    List<X509Certificate> chain = new ArrayList<>(certificates(answer));
    X509Certificate leaf = chain.getFirst();
    refuseOther(leaf, wanted);
    chain.removeAll(roots);
    if (chain.isEmpty()) {
      throw broken("is a root", "sign leaf certificates");
    }
    verify(chain, roots);
    return new SignedChain(leaf, chain.subList(1, chain.size()), roots);
  }

  private static List<X509Certificate> certificates(String answer) {
    try {
      return Pem.certificates(answer);
    } catch (IllegalArgumentException e) {
      throw broken(e.getMessage(), "answer with a chain as PEM, leaf first");
    }
  }

  private static void refuseOther(X509Certificate leaf, Wanted wanted) {
    if (!leaf.getPublicKey().equals(wanted.key())) {
      throw broken("is for another key", "sign the key of the request");
    }
    if (leaf.getBasicConstraints() >= 0) {
      throw broken("is of an authority", "sign leaf certificates");
    }
    if (!names(leaf).equals(Set.copyOf(wanted.names()))) {
      throw broken(
          "has other names than " + wanted.names(), "copy the request's SANs and add none");
    }
    Set<String> purposes =
        wanted.purposes().stream().map(KeyPurposeId::getId).collect(Collectors.toSet());
    if (!purposes(leaf).equals(purposes)) {
      throw broken(
          "has other extended key usages than " + purposes, "grant the usages of the request");
    }
  }

  private static Set<GeneralName> names(X509Certificate leaf) {
    try {
      GeneralNames names =
          GeneralNames.fromExtensions(
              new JcaX509CertificateHolder(leaf).getExtensions(), Extension.subjectAlternativeName);
      return names == null ? Set.of() : Set.copyOf(Arrays.asList(names.getNames()));
    } catch (GeneralSecurityException | RuntimeException e) {
      throw broken("has names that cannot be read", "copy the request's SANs");
    }
  }

  private static Set<String> purposes(X509Certificate leaf) {
    try {
      List<String> purposes = leaf.getExtendedKeyUsage();
      return purposes == null ? Set.of() : Set.copyOf(purposes);
    } catch (CertificateParsingException e) {
      throw broken("has key usages that cannot be read", "grant the usages of the request");
    }
  }

  private void verify(List<X509Certificate> chain, List<X509Certificate> roots) {
    try {
      PKIXParameters trust =
          new PKIXParameters(
              roots.stream().map(root -> new TrustAnchor(root, null)).collect(Collectors.toSet()));
      trust.setRevocationEnabled(false);
      trust.setDate(Date.from(clock.instant()));
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), trust);
    } catch (CertPathValidatorException e) {
      throw broken(
          "leads to no root of 'ca-roots' (%s)".formatted(e.getMessage()),
          "write the signer's root into that file, and have it answer with its intermediates");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK cannot verify chains", e);
    }
  }

  private static ControlPlaneException broken(String problem, String remedy) {
    return new ControlPlaneException("ca-signer", "its certificate " + problem, remedy);
  }
}
