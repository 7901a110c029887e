// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import java.io.IOException;

/** A header field of a request chooses the version. */
final class HeaderRoute implements Proof {
  private static final String RULES =
      """
        - matches: [{headers: [{name: x-canary, value: "yes"}]}]
          backendRefs: [{name: store-v2, port: 80}]
        - backendRefs: [{name: store-v1, port: 80}]
      """;

  @Override
  public String claim() {
    return "A waypoint routes by header, and the server knows who asked";
  }

  @Override
  public Findings examine(DemoMesh mesh) throws IOException {
    Findings findings = new Findings();
    try (StoreRoute _ = StoreRoute.of(mesh, RULES)) {
      Curl.Answer canary = mesh.curl("client", "-H", "x-canary: yes", "http://store/");
      findings.saw(
          canary.member("pod").equals("web-v2"),
          "with x-canary: yes  %s answers".formatted(said(canary)));
      Curl.Answer plain = mesh.curl("client", "http://store/");
      findings.saw(
          plain.member("pod").equals("web-v1"),
          "without             %s answers".formatted(said(plain)));
      findings.saw(
          plain.member("client").equals(mesh.pod(DemoResources.WAYPOINT).ip4()),
          "web sees the waypoint %s, in mTLS".formatted(plain.member("client")));
    }
    return findings;
  }

  private static String said(Curl.Answer answer) {
    return answer.ok() ? answer.member("pod") : answer.failure();
  }
}
