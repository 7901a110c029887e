// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.policy.wire.ca.IstioCertificateResponse;
import dev.culvert.policy.wire.ca.IstioCertificateServiceGrpc;
import dev.culvert.ztunnel.controlplane.ControlPlane;
import dev.culvert.ztunnel.controlplane.Endpoint;
import dev.culvert.ztunnel.controlplane.GrpcFailure;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Asks the CA, over gRPC, to sign for a pod of this node. Answers come on gRPC's threads. */
final class CertificateAuthority implements AutoCloseable {
  private static final long TIMEOUT_SECONDS = 10;
  private static final String IMPERSONATED = "ImpersonatedIdentity";

  private final Endpoint endpoint;
  private final ManagedChannel channel;
  private final IstioCertificateServiceGrpc.IstioCertificateServiceStub stub;
  private final MeshTrust trust;
  private final Duration lifetime;
  private final Clock clock;

  /**
   * @param lifetime asked for; the CA may give less
   */
  CertificateAuthority(
      ControlPlane controlPlane,
      Endpoint endpoint,
      MeshTrust trust,
      Duration lifetime,
      Clock clock) {
    this.endpoint = endpoint;
    this.channel = controlPlane.open(endpoint);
    this.stub =
        IstioCertificateServiceGrpc.newStub(channel).withCallCredentials(controlPlane.token());
    this.trust = trust;
    this.lifetime = lifetime;
    this.clock = clock;
  }

  /**
   * A certificate for a new key. Fails with {@link CertificateUnavailableException}, whose message
   * names the identity and the cause.
   */
  CompletableFuture<IssuedCertificate> issue(SpiffeId id) {
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      // gRPC would answer from its own backoff, up to two minutes; the caller keeps a shorter one.
      channel.enterIdle();
    }
    CertificateRequest request = CertificateRequest.forIdentity(id);
    Answer answer = new Answer(request);
    stub.withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .createCertificate(message(request), answer);
    return answer.result;
  }

  /**
   * Who answers nothing may be there no more, which PINGs show later: whoever asks next is
   * connected anew, perhaps to another replica. A channel that is connecting goes on: it is trying
   * them.
   */
  private void leaveSilentReplica() {
    if (channel.getState(false) == ConnectivityState.READY) {
      channel.enterIdle();
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private IstioCertificateRequest message(CertificateRequest request) {
    Value id = Value.newBuilder().setStringValue(request.id().toString()).build();
    return IstioCertificateRequest.newBuilder()
        .setCsr(request.pem())
        .setValidityDuration(lifetime.toSeconds())
        .setMetadata(Struct.newBuilder().putFields(IMPERSONATED, id))
        .build();
  }

  private final class Answer implements StreamObserver<IstioCertificateResponse> {
    private final CertificateRequest request;
    private final CompletableFuture<IssuedCertificate> result = new CompletableFuture<>();

    Answer(CertificateRequest request) {
      this.request = request;
    }

    @Override
    public void onNext(IstioCertificateResponse response) {
      try {
        result.complete(IssuedCertificate.of(request, response.getCertChainList(), trust, clock));
      } catch (CertificateException e) {
        fail(e.getMessage(), e);
      }
    }

    @Override
    public void onError(Throwable error) {
      if (Status.fromThrowable(error).getCode() == Status.Code.DEADLINE_EXCEEDED) {
        leaveSilentReplica();
      }
      fail(GrpcFailure.describe(error), error);
    }

    @Override
    public void onCompleted() {
      if (!result.isDone()) {
        fail("the CA answered nothing", null);
      }
    }

    private void fail(String problem, Throwable cause) {
      result.completeExceptionally(
          new CertificateUnavailableException(
              "no certificate for %s from %s: %s".formatted(request.id(), endpoint, problem),
              cause));
    }
  }
}
