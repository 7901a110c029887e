// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import com.google.protobuf.Value;
import dev.culvert.controlplane.access.Caller;
import dev.culvert.controlplane.access.CallerAuthentication;
import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.spiffe.InvalidSpiffeIdException;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.policy.wire.ca.IstioCertificateResponse;
import dev.culvert.policy.wire.ca.IstioCertificateServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs for node proxies only identities of pods on the caller's own node, and for a waypoint only
 * its own, so that one that is taken over cannot speak for the rest of the mesh.
 */
public final class CertificateService
    extends IstioCertificateServiceGrpc.IstioCertificateServiceImplBase {
  private static final Logger AUDIT = LoggerFactory.getLogger("dev.culvert.audit");
  private static final String IMPERSONATED = "ImpersonatedIdentity";

  private final CertificateAuthority authority;
  private final NodeIdentities identities;
  private final Duration longest;
  private final CertificateCounts counts;

  /**
   * @param longest how long a certificate lives when the caller asks for no shorter time
   * @param registry where requests are counted
   */
  public CertificateService(
      CertificateAuthority authority,
      NodeIdentities identities,
      Duration longest,
      MeterRegistry registry) {
    this.authority = authority;
    this.identities = identities;
    this.longest = longest;
    this.counts = new CertificateCounts(registry);
  }

  @Override
  public void createCertificate(
      IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> answer) {
    Caller caller = CallerAuthentication.caller();
    counts.asked();
    try {
      answer.onNext(answer(caller, request));
      answer.onCompleted();
      counts.issued();
    } catch (StatusException e) {
      counts.refused(e.getStatus().getCode());
      AUDIT.warn("certificate refused: {} reason=\"{}\"", caller, e.getStatus().getDescription());
      answer.onError(e);
    }
  }

  private IstioCertificateResponse answer(Caller caller, IstioCertificateRequest request)
      throws StatusException {
    SpiffeId identity = identity(caller, request);
    refuseForeign(caller, identity);
    SignedChain chain = sign(request, identity);
    X509Certificate leaf = chain.leaf();
    AUDIT.info(
        "certificate issued: {} identity={} serial={} until={}",
        caller,
        identity,
        leaf.getSerialNumber().toString(16),
        leaf.getNotAfter().toInstant());
    return IstioCertificateResponse.newBuilder()
        .addAllCertChain(chain.withoutRoot().stream().map(Pem::of).toList())
        .addCertChain(chain.roots().stream().map(Pem::of).collect(Collectors.joining()))
        .build();
  }

  /** Who speaks for itself need not say for whom. */
  private SpiffeId identity(Caller caller, IstioCertificateRequest request) throws StatusException {
    Value value = request.getMetadata().getFieldsMap().get(IMPERSONATED);
    if (value == null && caller instanceof Caller.Waypoint waypoint) {
      return own(waypoint);
    }
    if (value == null || !value.hasStringValue()) {
      throw refusal(
          Status.INVALID_ARGUMENT, "metadata " + IMPERSONATED + " must hold the identity's URI");
    }
    try {
      return SpiffeId.parse(value.getStringValue());
    } catch (InvalidSpiffeIdException e) {
      throw refusal(Status.INVALID_ARGUMENT, "metadata " + IMPERSONATED + ": " + e.getMessage());
    }
  }

  private SpiffeId own(Caller.Waypoint waypoint) {
    return SpiffeId.workload(
        authority.trustDomain(), waypoint.gateway().namespace(), waypoint.account());
  }

  private void refuseForeign(Caller caller, SpiffeId identity) throws StatusException {
    if (!identity.trustDomain().equals(authority.trustDomain())) {
      throw refusal(
          Status.PERMISSION_DENIED,
          "%s is not of trust domain %s".formatted(identity, authority.trustDomain()));
    }
    switch (caller) {
      case Caller.Node(String node) -> refuseForeign(node, identity);
      case Caller.Waypoint waypoint -> refuseForeign(waypoint, identity);
    }
  }

  private void refuseForeign(String node, SpiffeId identity) throws StatusException {
    if (!identities.runsOn(node, identity)) {
      throw refusal(
          Status.PERMISSION_DENIED,
          "no pod on node %s has identity %s; check the pod's spec.nodeName and serviceAccountName"
              .formatted(node, identity));
    }
  }

  private void refuseForeign(Caller.Waypoint waypoint, SpiffeId identity) throws StatusException {
    if (!identity.equals(own(waypoint))) {
      throw refusal(
          Status.PERMISSION_DENIED,
          "%s is not the identity of waypoint %s, which is %s and gets no other"
              .formatted(identity, waypoint.gateway(), own(waypoint)));
    }
  }

  private SignedChain sign(IstioCertificateRequest request, SpiffeId identity)
      throws StatusException {
    try {
      SigningRequest csr = SigningRequest.parse(request.getCsr(), identity);
      return authority.workload(csr, identity, life(request.getValidityDuration()));
    } catch (RejectedRequestException e) {
      throw refusal(Status.INVALID_ARGUMENT, identity + ": " + e.getMessage());
    } catch (ControlPlaneException e) {
      throw refusal(Status.UNAVAILABLE, identity + ": " + e.getMessage());
    }
  }

  private Duration life(long seconds) {
    return seconds <= 0 || seconds >= longest.toSeconds() ? longest : Duration.ofSeconds(seconds);
  }

  private static StatusException refusal(Status status, String problem) {
    return status.withDescription(problem).asException();
  }
}
