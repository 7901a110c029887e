// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.policy.wire.ca.IstioCertificateResponse;
import dev.culvert.policy.wire.ca.IstioCertificateServiceGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** Signs whatever it is asked to. */
public final class SigningService
    extends IstioCertificateServiceGrpc.IstioCertificateServiceImplBase {
  private final CertificateAuthority authority;
  private final Consumer<IstioCertificateRequest> signed;

  /**
   * @param signed told of each request that was signed
   */
  public SigningService(CertificateAuthority authority, Consumer<IstioCertificateRequest> signed) {
    this.authority = authority;
    this.signed = signed;
  }

  @Override
  public void createCertificate(
      IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> answer) {
    try {
      List<String> chain = authority.sign(request.getCsr());
      signed.accept(request);
      answer.onNext(IstioCertificateResponse.newBuilder().addAllCertChain(chain).build());
      answer.onCompleted();
    } catch (IOException | IllegalArgumentException e) {
      answer.onError(Status.INVALID_ARGUMENT.withDescription(e.toString()).asException());
    }
  }

  /** For whom it asks. */
  public static String identity(IstioCertificateRequest request) {
    return request.getMetadata().getFieldsOrThrow("ImpersonatedIdentity").getStringValue();
  }
}
