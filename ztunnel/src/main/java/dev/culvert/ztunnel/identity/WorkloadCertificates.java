// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import dev.culvert.policy.spiffe.SpiffeId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The certificates of the node's pods. Any thread; nothing blocks. */
public interface WorkloadCertificates {

  /** The certificate, fetched if it is not here; one fetch for all who ask at a time. */
  CompletableFuture<WorkloadCertificate> get(SpiffeId id);

  /** The certificate if it is here and valid. */
  Optional<WorkloadCertificate> current(SpiffeId id);

  /** Fetches in the background what will be needed soon. */
  void prefetch(SpiffeId id);

  /** Drops the certificate of an identity that no pod of the node has any more. */
  void forget(SpiffeId id);
}
