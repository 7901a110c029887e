// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What was asked of the authority and how it ended, by the names that Istio's has. */
final class CertificateCounts {
  private final Counter asked;
  private final Counter issued;
  private final Counter unreadable;
  private final Counter denied;
  private final Counter failed;

  CertificateCounts(MeterRegistry registry) {
    asked = registry.counter("citadel_server_csr_count");
    issued = registry.counter("citadel_server_success_cert_issuance_count");
    unreadable = registry.counter("citadel_server_csr_parsing_err_count");
    denied = registry.counter("citadel_server_id_extraction_err_count");
    failed = registry.counter("citadel_server_csr_sign_err_count");
  }

  void asked() {
    asked.increment();
  }

  void issued() {
    issued.increment();
  }

  void refused(io.grpc.Status.Code why) {
    switch (why) {
      case INVALID_ARGUMENT -> unreadable.increment();
      case PERMISSION_DENIED -> denied.increment();
      default -> failed.increment();
    }
  }
}
