// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.Await;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One request, as its spans tell it. The client begins the trace, the waypoint's span comes to a
 * collector, and the server says what it was told.
 */
final class RequestTrace implements Proof {
  private static final String FILE = "policy-trace.yaml";

  private static final String URL = "http://store/";
  private static final double NANOS_PER_MILLI = 1_000_000;

  private static final String RULES =
      """
        - backendRefs: [{name: store-v2, port: 80}]
      """;

  private static final String POLICY =
      """
      apiVersion: policy.culvert.dev/v1alpha1
      kind: AuthorizationPolicy
      metadata: {name: store-for-client, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: store}]
        rules:
          - from: [{source: {principals: ["cluster.local/ns/shop/sa/client"]}}]
      """;

  @Override
  public String claim() {
    return "One request is one trace: client, waypoint, server";
  }

  @Override
  public Findings examine(DemoMesh mesh) throws IOException {
    Findings findings;
    mesh.lab().resources().write(FILE, POLICY);
    try (StoreRoute _ = StoreRoute.of(mesh, RULES);
        SpanCollector collector = SpanCollector.start(mesh.pod(DemoResources.WAYPOINT).place())) {
      awaitStatusOfDb(mesh, "403");
      findings = follow(mesh, collector);
    } finally {
      mesh.lab().resources().delete(FILE);
    }
    awaitStatusOfDb(mesh, "200");
    return findings;
  }

  private static void awaitStatusOfDb(DemoMesh mesh, String wanted) throws IOException {
    Await.until(
        "the store answers db with " + wanted,
        Timing.SOON,
        () -> mesh.status("db", URL).equals(wanted));
  }

  private static Findings follow(DemoMesh mesh, SpanCollector collector) throws IOException {
    String trace = id() + id();
    String own = id();
    String told = "traceparent: 00-%s-%s-01".formatted(trace, own);
    Curl.Answer answer = mesh.curl("client", "-H", told, "-w", "%{time_total}", URL);
    if (!answer.ok()) {
      return new Findings().saw(false, answer.failure());
    }
    List<CollectedSpan> spans = collector.await(trace);
    Findings findings = new Findings();
    findings.saw(
        spans.size() == 1, "trace %s, spans at the collector: %d".formatted(trace, spans.size()));
    TraceTree.draw(
        List.of(client(own, answer), waypoint(spans.getFirst()), server(trace, answer)), findings);
    return findings;
  }

  private static TraceTree.Hop client(String span, Curl.Answer answer) {
    String seconds = answer.body().substring(answer.body().lastIndexOf('\n') + 1);
    return new TraceTree.Hop(
        span, "", "client: GET %s, %.1f ms".formatted(URL, Double.parseDouble(seconds) * 1000));
  }

  /** What decided is told by the span alone: nobody else is asked. */
  private static TraceTree.Hop waypoint(CollectedSpan span) {
    String what =
        "%s, %.1f ms, route %s, decided by policy %s"
            .formatted(
                span.attribute("status"),
                span.duration().toNanos() / NANOS_PER_MILLI,
                span.attribute("route"),
                span.attribute("policy"));
    return new TraceTree.Hop(span.span(), span.parent(), "waypoint: " + what);
  }

  /** {@code 00-trace-parent-flags}: of another trace it has no parent here. */
  private static TraceTree.Hop server(String trace, Curl.Answer answer) {
    String[] told = answer.member("traceparent").split("-", -1);
    String parent = told.length == 4 && told[1].equals(trace) ? told[2] : "";
    return new TraceTree.Hop(
        "",
        parent,
        "%s: told of the trace, with the waypoint as its parent".formatted(answer.member("pod")));
  }

  private static String id() {
    long id = ThreadLocalRandom.current().nextLong() | 1;
    return "%016x".formatted(id);
  }
}
