// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A signer that somebody else runs in the cluster: the mesh's key is not in the mesh. What it signs
 * is doubted as a peer would, and goes to nobody before.
 */
public final class ClusterSigner extends CertificateAuthority {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterSigner.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final List<String> WORKLOAD =
      List.of("digital signature", "server auth", "client auth");
  private static final List<String> SERVER = List.of("digital signature", "server auth");

  private final ClusterRequests requests;
  private final Path rootsFile;
  private final TrustDomain trustDomain;
  private final ForeignChainCheck check;
  private volatile List<X509Certificate> roots;
  private volatile Instant chainEnd;

  ClusterSigner(
      ClusterRequests requests, Path rootsFile, TrustDomain trustDomain, InstantSource clock) {
    this.requests = requests;
    this.rootsFile = rootsFile;
    this.trustDomain = trustDomain;
    this.check = new ForeignChainCheck(clock);
    this.roots = read();
    this.chainEnd = rootEnd();
  }

  /**
   * Opens the authority of a trust domain; nothing is asked of the signer yet.
   *
   * @param signer its name, as {@code example.com/mesh}
   * @param roots a file of every root that leads to what it signs, PEM
   * @throws ControlPlaneException when the file cannot be read
   */
  public static CertificateAuthority open(
      KubernetesClient client,
      String signer,
      Path roots,
      TrustDomain trustDomain,
      InstantSource clock) {
    LOG.info("signer {} of the cluster signs; roots are those of {}", signer, roots);
    ClusterRequests requests = new ClusterRequests(client, signer, PATIENCE);
    return new ClusterSigner(requests, roots, trustDomain, clock);
  }

  @Override
  public TrustDomain trustDomain() {
    return trustDomain;
  }

  @Override
  public List<X509Certificate> roots() {
    return roots;
  }

  @Override
  public void refresh() {
    List<X509Certificate> next = read();
    if (!next.equals(roots)) {
      roots = next;
      LOG.info("{} roots are trusted now, of {}", next.size(), rootsFile);
    }
  }

  @Override
  Object signer() {
    return roots;
  }

  @Override
  Instant rootEnd() {
    return roots.stream()
        .map(root -> root.getNotAfter().toInstant())
        .min(Instant::compareTo)
        .orElseThrow();
  }

  @Override
  Instant chainEnd() {
    return chainEnd;
  }

  @Override
  SignedChain workload(SigningRequest request, SpiffeId identity, Duration life) {
    String answer = requests.signed(request.pem(), WORKLOAD, life);
    GeneralName name = new GeneralName(GeneralName.uniformResourceIdentifier, identity.toString());
    return remembered(
        check.trusted(
            answer,
            new ForeignChainCheck.Wanted(
                request.key(),
                List.of(name),
                List.of(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth)),
            roots));
  }

  @Override
  SignedChain server(KeyPair pair, List<GeneralName> names, Duration life) {
    String answer = requests.signed(RequestDraft.pem(pair, names), SERVER, life);
    return remembered(
        check.trusted(
            answer,
            new ForeignChainCheck.Wanted(
                pair.getPublic(), names, List.of(KeyPurposeId.id_kp_serverAuth)),
            roots));
  }

  private SignedChain remembered(SignedChain chain) {
    chainEnd =
        chain.intermediates().stream()
            .map(one -> one.getNotAfter().toInstant())
            .min(Instant::compareTo)
            .orElse(rootEnd());
    return chain;
  }

  private List<X509Certificate> read() {
    try {
      return Pem.certificates(Files.readString(rootsFile, UTF_8));
    } catch (IOException e) {
      throw new ControlPlaneException(
          rootsFile, "cannot be read (" + e + ")", "name another with 'ca-roots'", e);
    } catch (IllegalArgumentException e) {
      throw new ControlPlaneException(
          rootsFile, e.getMessage(), "write the roots of 'ca-signer' into it, as PEM", e);
    }
  }
}
