// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import java.io.IOException;

/** Nine of ten requests go to one version, one to the other, counted over a thousand. */
final class CanarySplit implements Proof {
  private static final int REQUESTS = 1000;

  /** Ten per cent of a thousand, and five standard deviations (9.5 each) on either side. */
  private static final int LEAST = 52;

  private static final int MOST = 148;

  private static final String RULES =
      """
        - backendRefs:
            - {name: store-v1, port: 80, weight: 90}
            - {name: store-v2, port: 80, weight: 10}
      """;

  @Override
  public String claim() {
    return "A canary gets a tenth of the requests of one connection";
  }

  @Override
  public Findings examine(DemoMesh mesh) throws IOException {
    try (StoreRoute _ = StoreRoute.of(mesh, RULES)) {
      String all = "http://store/?[1-%d]".formatted(REQUESTS);
      Curl.Answer answer = mesh.curl("client", all);
      int first = count(answer, "web-v1");
      int second = count(answer, "web-v2");
      return new Findings()
          .saw(
              first + second == REQUESTS && second >= LEAST && second <= MOST,
              "%d requests to store: web-v1 %d, web-v2 %d".formatted(REQUESTS, first, second));
    }
  }

  private static int count(Curl.Answer answer, String pod) {
    return answer.body().split("\"pod\":\"" + pod + "\"", -1).length - 1;
  }
}
