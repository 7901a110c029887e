// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.ztunnel.peers.TestCa;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLException;

/** The certificates of one node, made when first asked for. */
public final class TestCertificates implements WorkloadCertificates {
  public static final TrustDomain DOMAIN = new TrustDomain("cluster.local");

  private final TestCa signer;
  private final TestCa trusted;
  private final MeshTrust trust;
  private final TlsContexts contexts;
  private final Map<SpiffeId, X509Certificate> leaves = new ConcurrentHashMap<>();
  private final Map<SpiffeId, WorkloadCertificate> made = new ConcurrentHashMap<>();

  public TestCertificates(TestCa signer, TestCa trusted, TlsEngine engine) {
    this(signer, trusted, engine, MeshTrust.only(DOMAIN));
  }

  public TestCertificates(TestCa signer, TestCa trusted, TlsEngine engine, MeshTrust trust) {
    this.trust = trust;
    this.signer = signer;
    this.trusted = trusted;
    this.contexts = new TlsContexts(engine, PostQuantum.PREFERRED);
  }

  @Override
  public CompletableFuture<WorkloadCertificate> get(SpiffeId id) {
    return CompletableFuture.completedFuture(
        made.computeIfAbsent(id, i -> make(i, Instant.now().plusSeconds(3600), i.toString())));
  }

  @Override
  public Optional<WorkloadCertificate> current(SpiffeId id) {
    return Optional.ofNullable(made.get(id));
  }

  @Override
  public void prefetch(SpiffeId id) {
    get(id).join();
  }

  @Override
  public void forget(SpiffeId id) {
    made.remove(id);
  }

  /** Lets an identity be proved by another one's name, or for another time. */
  public void replace(SpiffeId id, Instant until, String uri) {
    made.put(id, make(id, until, uri));
  }

  /** What was signed last for an identity. */
  public X509Certificate leaf(SpiffeId id) {
    return leaves.get(id);
  }

  private WorkloadCertificate make(SpiffeId id, Instant until, String uri) {
    KeyPair keys = TestCa.newKeys();
    X509Certificate leaf =
        signer.workload(keys.getPublic(), Instant.now().minusSeconds(3600), until, uri);
    leaves.put(id, leaf);
    MeshRoots roots = new MeshRoots(List.of(trusted.root()), trust, Clock.systemUTC());
    IssuedCertificate issued = new IssuedCertificate(id, keys.getPrivate(), List.of(leaf), roots);
    try {
      return new WorkloadCertificate(
          id, until, contexts.client(issued), contexts.server(issued), roots);
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }
}
