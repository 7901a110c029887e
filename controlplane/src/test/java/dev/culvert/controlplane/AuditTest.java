// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.discovery.TypeUrl.ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditTest {
  @TempDir private Path folder;
  private TestPlane plane;

  @BeforeEach
  void start() {
    plane = new TestPlane(folder);
  }

  @AfterEach
  void stop() {
    plane.close();
  }

  @Test
  void issuedCertificateIsOnRecord() throws Exception {
    try (CapturedLog audit = new CapturedLog("dev.culvert.audit");
        TestClient one = plane.client("one")) {
      one.certificates().createCertificate(Requests.good("shop", "web"));
      assertThat(audit.lines())
          .singleElement()
          .asString()
          .startsWith(
              "INFO certificate issued: node=one identity=spiffe://cluster.local/ns/shop/sa/web")
          .contains(" serial=", " until=");
    }
  }

  @Test
  void refusedCertificateIsOnRecord() throws Exception {
    try (CapturedLog audit = new CapturedLog("dev.culvert.audit");
        TestClient one = plane.client("one")) {
      refused(one);
      assertThat(audit.lines())
          .singleElement()
          .asString()
          .startsWith("WARN certificate refused: node=one reason=\"no pod on node one has identity")
          .contains("spiffe://cluster.local/ns/shop/sa/db");
    }
  }

  @Test
  void refusedTokenIsOnRecordWithoutTheToken() throws Exception {
    String token = "t".repeat(43);
    try (CapturedLog audit = new CapturedLog("dev.culvert.audit");
        TestClient liar = plane.clientWithToken(token)) {
      refused(liar);
      assertThat(audit.lines())
          .singleElement()
          .asString()
          .startsWith("WARN call refused: method=istio.v1.auth.IstioCertificateService/")
          .contains("the bearer token is of no node")
          .doesNotContain(token);
    }
  }

  @Test
  void rejectionOfAResourceIsLoggedOnOneLine() throws Exception {
    try (CapturedLog log = new CapturedLog("dev.culvert.controlplane.discovery.DiscoveryStream");
        TestClient one = plane.client("one")) {
      TestStream stream = one.discovery();
      stream.subscribe(ADDRESS);
      String nonce = stream.response().getNonce();
      stream.send(
          TestStream.request(ADDRESS)
              .setResponseNonce(nonce)
              .setErrorDetail(Status.newBuilder().setCode(3).setMessage("bad\nFAKE LINE")));
      stream.subscribe("unknown");
      stream.response();
      assertThat(log.lines())
          .contains(
              "WARN node=one: rejected %s of nonce %s: bad?FAKE LINE (code 3)"
                  .formatted(ADDRESS, nonce));
      assertThat(log.lines()).anyMatch(line -> line.contains("asks for unknown"));
    }
  }

  private static void refused(TestClient client) {
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> client.certificates().createCertificate(Requests.good("shop", "db")));
  }
}
