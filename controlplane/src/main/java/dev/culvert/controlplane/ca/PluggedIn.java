// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.spiffe.TrustDomain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * An authority that somebody else made, in the layout of Istio's Secret {@code cacerts}. Files of a
 * mounted Secret change one after the other; what does not fit together is refused and read again.
 */
public final class PluggedIn {
  /** The signer's certificate. */
  public static final String CERTIFICATE = "ca-cert.pem";

  /** Its key: PKCS#8, PKCS#1 or SEC 1, without a password. */
  public static final String KEY = "ca-key.pem";

  /** From the signer's certificate up; may leave out either end. */
  public static final String CHAIN = "cert-chain.pem";

  /** Every root that is trusted. */
  public static final String ROOTS = "root-cert.pem";

  private final Path folder;
  private final TrustDomain trustDomain;
  private final InstantSource clock;

  private PluggedIn(Path folder, TrustDomain trustDomain, InstantSource clock) {
    this.folder = folder;
    this.trustDomain = trustDomain;
    this.clock = clock;
  }

  /**
   * Opens the authority of a trust domain.
   *
   * @throws ControlPlaneException when the files are not whole, do not fit each other, or nobody
   *     would trust what they sign
   */
  public static CertificateAuthority open(
      Path folder, TrustDomain trustDomain, InstantSource clock) {
    return new OwnAuthority(new PluggedIn(folder, trustDomain, clock)::read, clock);
  }

  private Issuer read() {
    List<X509Certificate> own = certificates(CERTIFICATE);
    if (own.size() != 1) {
      throw broken(
          CERTIFICATE,
          "holds %d certificates".formatted(own.size()),
          "leave only the signer's; the others go into " + CHAIN);
    }
    List<X509Certificate> roots = certificates(ROOTS);
    List<X509Certificate> intermediates = new ArrayList<>(own);
    certificates(CHAIN).stream().filter(above -> !own.contains(above)).forEach(intermediates::add);
    intermediates.removeAll(roots);
    return new IssuerCheck(folder, clock)
        .trusted(trustDomain, key(), own.getFirst(), intermediates, roots);
  }

  private PrivateKey key() {
    try {
      return Pem.key(text(KEY));
    } catch (IllegalArgumentException e) {
      throw broken(KEY, e.getMessage(), "write the signer's key as PEM without a password");
    }
  }

  private List<X509Certificate> certificates(String name) {
    try {
      return Pem.certificates(text(name));
    } catch (IllegalArgumentException e) {
      throw broken(name, e.getMessage(), "write at least one as PEM");
    }
  }

  private String text(String name) {
    try {
      return Files.readString(folder.resolve(name), UTF_8);
    } catch (IOException e) {
      throw broken(
          name, "cannot be read (" + e + ")", "'ca-certs' needs the layout of Istio's cacerts");
    }
  }

  private ControlPlaneException broken(String name, String problem, String remedy) {
    return new ControlPlaneException(folder.resolve(name), problem, remedy);
  }
}
