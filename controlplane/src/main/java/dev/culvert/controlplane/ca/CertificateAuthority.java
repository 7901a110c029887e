// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.x509.GeneralName;

/** Signs leaf certificates, or has them signed. Thread-safe. */
public abstract sealed class CertificateAuthority permits OwnAuthority, ClusterSigner {

  /** Whose identities are signed. */
  public abstract TrustDomain trustDomain();

  /** What verifies everything signed here; several while the root changes. */
  public abstract List<X509Certificate> roots();

  /**
   * Looks whether who signs was replaced, or what is trusted; while the successor cannot be used,
   * everything stays as it was.
   *
   * @throws dev.culvert.controlplane.state.ControlPlaneException when there is one that cannot
   */
  public abstract void refresh();

  /** Equal as long as the same one signs and the same is trusted. */
  abstract Object signer();

  /** When the root ends that signs. */
  abstract Instant rootEnd();

  /** When the first of the certificates ends that lead from a leaf to its root. */
  abstract Instant chainEnd();

  /**
   * An X509-SVID: a client and a server in the mesh.
   *
   * @param request was checked: it asks for this identity and nothing else
   * @throws dev.culvert.controlplane.state.ControlPlaneException when the signer does not sign
   */
  abstract SignedChain workload(SigningRequest request, SpiffeId identity, Duration life);

  /**
   * For a listener: no identity of the mesh, and nothing to be a client with.
   *
   * @throws dev.culvert.controlplane.state.ControlPlaneException when the signer does not sign
   */
  abstract SignedChain server(KeyPair pair, List<GeneralName> names, Duration life);
}
