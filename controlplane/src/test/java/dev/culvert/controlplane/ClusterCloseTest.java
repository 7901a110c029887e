// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.Requests.good;
import static dev.culvert.controlplane.discovery.TypeUrl.ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.source.kubernetes.ApiServer.Token;
import io.grpc.Status;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A replica that ends: what it waits for, and what it does not. */
@Timeout(90)
class ClusterCloseTest extends ClusterCase {
  @Test
  void closeEndsStreamsAndWaitsForCertificatesThatAreAskedFor() throws Exception {
    cluster.restart("c", Map.of("drain", "60s"));
    cluster
        .server()
        .issue(
            "late", new Token("culvert-system:ztunnel", "istio-ca", "ztunnel-1", "zt-1", "node-1"));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        TestClient one = cluster.client("one");
        TestClient late = cluster.client("late")) {
      TestStream stream = one.discovery();
      stream.subscribe(ADDRESS);
      stream.response();
      int before = cluster.server().requests("tokenreviews");
      cluster.server().hold();
      var request = good("shop", "web");
      var certificate =
          CompletableFuture.supplyAsync(
              () -> late.certificates().createCertificate(request), threads);
      cluster.server().awaitRequests("tokenreviews", before + 1);
      var closes = CompletableFuture.runAsync(() -> cluster.plane().close(), threads);
      assertThat(stream.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(closes).isNotDone();
      cluster.server().release();
      assertThat(certificate.get(30, TimeUnit.SECONDS).getCertChainCount()).isEqualTo(2);
      closes.get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void closeDoesNotWaitForAnApiServerThatIsSilent() {
    cluster.server().hold();
    cluster.plane().close();
  }

  @Test
  void closeDoesNotWaitForAnApiServerThatIsGone() throws Exception {
    cluster.server().stop();
    cluster.plane().close();
    cluster.server().start();
  }
}
