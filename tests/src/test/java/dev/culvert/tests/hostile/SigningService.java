// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.policy.wire.ca.IstioCertificateResponse;
import dev.culvert.policy.wire.ca.IstioCertificateServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** The CA of a control plane, as Istio's clients ask it. */
public final class SigningService
    extends IstioCertificateServiceGrpc.IstioCertificateServiceImplBase {

  /** Who signs. */
  @FunctionalInterface
  public interface Signer {
    /** Certificates in PEM, the leaf first. */
    List<String> sign(String request) throws IOException;
  }

  private final Signer signer;
  private final SigningDesk desk;
  private final Consumer<IstioCertificateRequest> signed;

  /**
   * @param signed told of each request that was signed
   */
  public SigningService(Signer signer, Consumer<IstioCertificateRequest> signed) {
    this(signer, new SigningDesk(), signed);
  }

  /** The same, when a test lets it. */
  SigningService(Signer signer, SigningDesk desk, Consumer<IstioCertificateRequest> signed) {
    this.signer = signer;
    this.desk = desk;
    this.signed = signed;
  }

  @Override
  public void createCertificate(
      IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> answer) {
    try {
      desk.arrive(request);
      List<String> chain = signer.sign(request.getCsr());
      signed.accept(request);
      answer.onNext(IstioCertificateResponse.newBuilder().addAllCertChain(chain).build());
      answer.onCompleted();
    } catch (StatusRuntimeException e) {
      answer.onError(e);
    } catch (IOException | IllegalArgumentException e) {
      answer.onError(Status.INVALID_ARGUMENT.withDescription(e.toString()).asException());
    }
  }

  /** For whom it asks. */
  public static String identity(IstioCertificateRequest request) {
    return request.getMetadata().getFieldsOrThrow("ImpersonatedIdentity").getStringValue();
  }
}
