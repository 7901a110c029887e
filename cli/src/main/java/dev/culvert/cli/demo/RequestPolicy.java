// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.Await;
import java.io.IOException;

/** A policy of the store that looks at the path and at who asks. */
final class RequestPolicy implements Proof {
  private static final String FILE = "policy-store.yaml";

  private static final String POLICY =
      """
      apiVersion: policy.culvert.dev/v1alpha1
      kind: AuthorizationPolicy
      metadata: {name: store-admin, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: store}]
        action: DENY
        rules:
          - from: [{source: {notPrincipals: ["cluster.local/ns/shop/sa/db"]}}]
            to: [{operation: {paths: ["/admin*"]}}]
      """;

  @Override
  public String claim() {
    return "A policy denies one path to everybody but one identity";
  }

  @Override
  public Findings examine(DemoMesh mesh) throws IOException {
    Findings findings = new Findings();
    mesh.lab().resources().write(FILE, POLICY);
    try {
      Await.until(
          "the policy is in force",
          Timing.SOON,
          () -> status(mesh, "client", "/admin").equals("403"));
      findings.saw(true, "client asks store/admin      403");
      see(findings, mesh, "client", "/x/%2e%2e/admin", "403");
      see(findings, mesh, "client", "/shoes", "200");
      see(findings, mesh, "db", "/admin", "200");
    } finally {
      mesh.lab().resources().delete(FILE);
    }
    return findings;
  }

  private static void see(Findings findings, DemoMesh mesh, String pod, String path, String wanted)
      throws IOException {
    String seen = status(mesh, pod, path);
    findings.saw(seen.equals(wanted), "%s asks store%s  %s".formatted(pod, path, seen));
  }

  private static String status(DemoMesh mesh, String pod, String path) throws IOException {
    return mesh.status(pod, "http://store" + path);
  }
}
