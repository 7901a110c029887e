// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import com.google.protobuf.Value;
import dev.culvert.controlplane.access.NodeAuthentication;
import dev.culvert.policy.spiffe.InvalidSpiffeIdException;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.policy.wire.ca.IstioCertificateResponse;
import dev.culvert.policy.wire.ca.IstioCertificateServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs for node proxies: only identities of pods on the caller's own node, so that a node that is
 * taken over cannot speak for the rest of the mesh.
 */
public final class CertificateService
    extends IstioCertificateServiceGrpc.IstioCertificateServiceImplBase {
  private static final Logger AUDIT = LoggerFactory.getLogger("dev.culvert.audit");
  private static final String IMPERSONATED = "ImpersonatedIdentity";

  private final CertificateAuthority authority;
  private final NodeIdentities identities;
  private final Duration longest;

  /**
   * @param longest how long a certificate lives when the caller asks for no shorter time
   */
  public CertificateService(
      CertificateAuthority authority, NodeIdentities identities, Duration longest) {
    this.authority = authority;
    this.identities = identities;
    this.longest = longest;
  }

  @Override
  public void createCertificate(
      IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> answer) {
    String node = NodeAuthentication.caller();
    try {
      answer.onNext(answer(node, request));
      answer.onCompleted();
    } catch (StatusException e) {
      AUDIT.warn(
          "certificate refused: node={} reason=\"{}\"", node, e.getStatus().getDescription());
      answer.onError(e);
    }
  }

  private IstioCertificateResponse answer(String node, IstioCertificateRequest request)
      throws StatusException {
    SpiffeId identity = identity(request);
    refuseForeign(node, identity);
    SignedChain chain = sign(request, identity);
    X509Certificate leaf = chain.leaf();
    AUDIT.info(
        "certificate issued: node={} identity={} serial={} until={}",
        node,
        identity,
        leaf.getSerialNumber().toString(16),
        leaf.getNotAfter().toInstant());
    return IstioCertificateResponse.newBuilder()
        .addAllCertChain(chain.withoutRoot().stream().map(Pem::of).toList())
        .addCertChain(chain.issuer().roots().stream().map(Pem::of).collect(Collectors.joining()))
        .build();
  }

  private static SpiffeId identity(IstioCertificateRequest request) throws StatusException {
    Value value = request.getMetadata().getFieldsMap().get(IMPERSONATED);
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

  private void refuseForeign(String node, SpiffeId identity) throws StatusException {
    if (!identity.trustDomain().equals(authority.trustDomain())) {
      throw refusal(
          Status.PERMISSION_DENIED,
          "%s is not of trust domain %s".formatted(identity, authority.trustDomain()));
    }
    if (!identities.runsOn(node, identity)) {
      throw refusal(
          Status.PERMISSION_DENIED,
          "no pod on node %s has identity %s; check the pod's spec.nodeName and serviceAccountName"
              .formatted(node, identity));
    }
  }

  private SignedChain sign(IstioCertificateRequest request, SpiffeId identity)
      throws StatusException {
    try {
      SigningRequest csr = SigningRequest.parse(request.getCsr(), identity);
      return authority.workload(csr.key(), identity, life(request.getValidityDuration()));
    } catch (RejectedRequestException e) {
      throw refusal(Status.INVALID_ARGUMENT, identity + ": " + e.getMessage());
    }
  }

  private Duration life(long seconds) {
    return seconds <= 0 || seconds >= longest.toSeconds() ? longest : Duration.ofSeconds(seconds);
  }

  private static StatusException refusal(Status status, String problem) {
    return status.withDescription(problem).asException();
  }
}
