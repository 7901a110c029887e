// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXCertPathValidatorResult;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Doubts an authority that somebody else made: it signs an identity for the trial, and verifies it
 * as a peer would. So lengths of paths, constraints of names and ends of validity all count.
 */
record IssuerCheck(Path folder, InstantSource clock) {
  private static final Duration TRIAL = Duration.ofMinutes(1);

  Issuer trusted(
      TrustDomain trustDomain,
      PrivateKey key,
      X509Certificate certificate,
      List<X509Certificate> intermediates,
      List<X509Certificate> roots) {
    if (!KeyPairs.fit(certificate.getPublicKey(), key)) {
      throw broken(
          PluggedIn.KEY,
          "is not the key of " + PluggedIn.CERTIFICATE,
          "replace both files together");
    }
    Issuer untried =
        new Issuer(trustDomain, key, certificate, intermediates, roots.getFirst(), roots);
    return new Issuer(trustDomain, key, certificate, intermediates, anchor(untried), roots);
  }

  private X509Certificate anchor(Issuer untried) {
    SpiffeId somebody = SpiffeId.workload(untried.trustDomain(), "trial", "trial");
    SignedChain chain =
        new OwnAuthority(() -> untried, clock)
            .workload(KeyPairs.generate().getPublic(), somebody, TRIAL);
    try {
      return verify(chain).getTrustAnchor().getTrustedCert();
    } catch (CertPathValidatorException e) {
      throw broken(
          PluggedIn.CERTIFICATE,
          "no peer would trust what it signs for %s (%s)"
              .formatted(untried.trustDomain(), e.getMessage()),
          "make %s lead from it to a root in %s, all of them valid now and for this trust domain"
              .formatted(PluggedIn.CHAIN, PluggedIn.ROOTS));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK cannot verify chains", e);
    }
  }

  private PKIXCertPathValidatorResult verify(SignedChain chain) throws GeneralSecurityException {
    PKIXParameters trust =
        new PKIXParameters(
            chain.roots().stream()
                .map(root -> new TrustAnchor(root, null))
                .collect(Collectors.toSet()));
    trust.setRevocationEnabled(false);
    trust.setDate(Date.from(clock.instant()));
    return (PKIXCertPathValidatorResult)
        CertPathValidator.getInstance("PKIX")
            .validate(
                CertificateFactory.getInstance("X.509").generateCertPath(chain.withoutRoot()),
                trust);
  }

  private ControlPlaneException broken(String name, String problem, String remedy) {
    return new ControlPlaneException(folder.resolve(name), problem, remedy);
  }
}
