// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.Await;
import java.io.IOException;

/** A backend that answers two of three requests with 503: clients see none of it. */
final class RetriedBackend implements Proof {
  private static final int REQUESTS = 30;

  private static final String WITHOUT =
      """
        - backendRefs: [{name: store-v1, port: 80}]
      """;

  private static final String WITH =
      """
        - backendRefs: [{name: store-v1, port: 80}]
          retry: {attempts: 3, codes: [503], backoff: 5ms}
      """;

  @Override
  public String claim() {
    return "Retries heal a backend that fails two requests of three";
  }

  @Override
  public Findings examine(DemoMesh mesh) throws IOException {
    Findings findings = new Findings();
    try (StoreRoute route = StoreRoute.of(mesh, WITHOUT)) {
      int before = answered(mesh);
      findings.saw(
          before < REQUESTS, "without retries  %d of %d answered".formatted(before, REQUESTS));
      route.replace(WITH);
      Await.until("retries are in force", Timing.SOON, () -> answered(mesh) == REQUESTS);
      int after = answered(mesh);
      findings.saw(
          after == REQUESTS, "with retries     %d of %d answered".formatted(after, REQUESTS));
    }
    return findings;
  }

  /** curl's --fail keeps what failed out of the output. */
  private static int answered(DemoMesh mesh) throws IOException {
    Curl.Answer answer = mesh.curl("client", "http://store/flaky?[1-%d]".formatted(REQUESTS));
    return answer.body().split("\"pod\"", -1).length - 1;
  }
}
