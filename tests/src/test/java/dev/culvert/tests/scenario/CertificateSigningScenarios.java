// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.policy.wire.ca.IstioCertificateServiceGrpc;
import dev.culvert.tests.hostile.SigningRequest;
import dev.culvert.tests.mesh.Mesh;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;

/** What the CA signs, and for whom. */
abstract class CertificateSigningScenarios {
  private static final String CLIENT = "spiffe://cluster.local/ns/mesh/sa/client";
  private static final String SERVER = "spiffe://cluster.local/ns/mesh/sa/server";

  private final Mesh mesh;

  CertificateSigningScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @Test
  void identityOnTheCallersNode() throws Exception {
    List<String> chain =
        sign(mesh.processes().tokenOf(Mesh.NODE_1), CLIENT, SigningRequest.of(CLIENT));
    assertThat(chain).hasSizeGreaterThanOrEqualTo(2);
    assertThat(chain.getFirst()).startsWith("-----BEGIN CERTIFICATE-----");
  }

  @Test
  void identityNotOnTheCallersNode() throws Exception {
    refused(mesh.processes().tokenOf(Mesh.NODE_1), SERVER, SigningRequest.of(SERVER))
        .withMessageContaining(SERVER);
  }

  @Test
  void identityThatNobodyHas() throws Exception {
    String nobody = "spiffe://cluster.local/ns/mesh/sa/nobody";
    refused(mesh.processes().tokenOf(Mesh.NODE_1), nobody, SigningRequest.of(nobody))
        .withMessageContaining(nobody);
  }

  @Test
  void identityOfAnotherTrustDomain() throws Exception {
    String elsewhere = CLIENT.replace("cluster.local", "elsewhere.example");
    refused(mesh.processes().tokenOf(Mesh.NODE_1), elsewhere, SigningRequest.of(elsewhere));
  }

  @Test
  void requestThatNamesAnotherIdentityThanItsMetadata() throws Exception {
    refused(mesh.processes().tokenOf(Mesh.NODE_1), CLIENT, SigningRequest.of(SERVER));
  }

  @Test
  void callerWithoutToken() throws Exception {
    refused("", CLIENT, SigningRequest.of(CLIENT), Status.Code.UNAUTHENTICATED);
  }

  @Test
  void callerWithForgedToken() throws Exception {
    refused("forged", CLIENT, SigningRequest.of(CLIENT), Status.Code.UNAUTHENTICATED);
  }

  @Test
  void requestThatIsNotPem() throws Exception {
    refused(
        mesh.processes().tokenOf(Mesh.NODE_1),
        CLIENT,
        "not a request",
        Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void requestWithoutProofOfPossession() throws Exception {
    refused(
        mesh.processes().tokenOf(Mesh.NODE_1), CLIENT, SigningRequest.withForeignSignature(CLIENT));
  }

  @Test
  void requestWithSmallRsaKey() throws Exception {
    refused(mesh.processes().tokenOf(Mesh.NODE_1), CLIENT, SigningRequest.withRsaKey(CLIENT, 1024));
  }

  private ThrowableAssertAlternative<StatusRuntimeException> refused(
      String token, String identity, String request, Status.Code... codes) {
    return assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> sign(token, identity, request))
        .satisfies(
            refusal ->
                assertThat(refusal.getStatus().getCode())
                    .isIn(codes.length > 0 ? codes : REFUSALS));
  }

  private static final Status.Code[] REFUSALS = {
    Status.Code.PERMISSION_DENIED, Status.Code.INVALID_ARGUMENT
  };

  private List<String> sign(String token, String identity, String request) throws Exception {
    ManagedChannel channel = mesh.processes().dialControlPlane();
    try {
      return IstioCertificateServiceGrpc.newBlockingStub(channel)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(token)))
          .withDeadlineAfter(30, TimeUnit.SECONDS)
          .createCertificate(
              IstioCertificateRequest.newBuilder()
                  .setCsr(request)
                  .setValidityDuration(3600)
                  .setMetadata(
                      Struct.newBuilder()
                          .putFields(
                              "ImpersonatedIdentity",
                              Value.newBuilder().setStringValue(identity).build()))
                  .build())
          .getCertChainList();
    } finally {
      channel.shutdownNow();
    }
  }

  private static Metadata headers(String token) {
    Metadata headers = new Metadata();
    if (!token.isEmpty()) {
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    }
    return headers;
  }
}
