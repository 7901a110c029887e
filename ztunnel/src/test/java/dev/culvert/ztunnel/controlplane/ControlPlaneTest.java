// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.policy.wire.ca.IstioCertificateResponse;
import dev.culvert.policy.wire.ca.IstioCertificateServiceGrpc;
import dev.culvert.ztunnel.identity.TlsEngine;
import dev.culvert.ztunnel.peers.FakeControlPlane;
import dev.culvert.ztunnel.peers.TestCa;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The server has a certificate for 127.0.0.1 and localhost. */
class ControlPlaneTest {
  private static final IstioCertificateResponse ANSWER =
      IstioCertificateResponse.newBuilder().addCertChain("a chain").build();

  @TempDir private Path folder;
  private FakeControlPlane server;

  @BeforeEach
  void listen() throws IOException {
    server = new FakeControlPlane(folder, new TestCa("mesh root"));
    server.signWith(
        (request, answer) -> {
          answer.onNext(ANSWER);
          answer.onCompleted();
        });
  }

  @AfterEach
  void end() {
    server.close();
  }

  @ParameterizedTest
  @EnumSource(TlsEngine.class)
  void itsAddressIsInItsCertificate(TlsEngine engine) throws Exception {
    assertThat(call(Optional.empty(), engine)).isEqualTo(ANSWER);
  }

  @ParameterizedTest
  @EnumSource(TlsEngine.class)
  void theNameItIsToProveIsInItsCertificate(TlsEngine engine) throws Exception {
    assertThat(call(Optional.of("localhost"), engine)).isEqualTo(ANSWER);
  }

  @ParameterizedTest
  @EnumSource(TlsEngine.class)
  void anotherServersCertificateOfTheSameRoot(TlsEngine engine) {
    refuses(catchThrowable(() -> call(Optional.of("istiod.mesh.svc"), engine)), "istiod.mesh.svc");
  }

  @ParameterizedTest
  @EnumSource(TlsEngine.class)
  void aCertificateOfAnotherRoot(TlsEngine engine) throws Exception {
    server.trust(new TestCa("another root"));
    refuses(catchThrowable(() -> call(Optional.empty(), engine)), "root-cert");
  }

  private static void refuses(Throwable failure, String because) {
    assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(GrpcFailure.describe(failure)).contains("is not trusted by root-cert", because);
  }

  private IstioCertificateResponse call(Optional<String> name, TlsEngine engine)
      throws IOException {
    ServerTrust trust = new ServerTrust(server.rootCert(), name);
    ManagedChannel channel = server.client(trust, engine).open(server.endpoint());
    try {
      return IstioCertificateServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(30, TimeUnit.SECONDS)
          .createCertificate(IstioCertificateRequest.getDefaultInstance());
    } finally {
      channel.shutdownNow();
    }
  }
}
