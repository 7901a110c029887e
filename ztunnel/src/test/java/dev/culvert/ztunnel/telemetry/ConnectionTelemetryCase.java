// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.push;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static dev.culvert.ztunnel.xds.Resources.service;

import ch.qos.logback.classic.Level;
import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.xds.Workload;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Connections of a small mesh, and what is told of them. */
abstract class ConnectionTelemetryCase {
  static final SeriesLimits LIMITS = new SeriesLimits(100, Duration.ofMinutes(15));
  static final Verdict ALLOWED =
      new Verdict.Allow(Optional.of(new PolicyKey("shop", "allow-client")));

  final MeshStore mesh = new MeshStore("Kubernetes", "");
  final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  CapturedLog log;
  ConnectionTelemetry telemetry;

  @BeforeEach
  final void start() {
    push(
        mesh,
        resource(pod("shop", "client", "198.18.0.9")),
        resource(pod("shop", "web", "198.18.0.1")),
        resource(service("shop", "web", "198.18.1.1")));
    log = new CapturedLog("access", Level.INFO);
    telemetry = new ConnectionTelemetry(registry, LogFormat.TEXT, LIMITS);
  }

  @AfterEach
  final void stop() {
    telemetry.close();
    log.close();
  }

  final String sample(String name) {
    return registry
        .scrape()
        .lines()
        .filter(line -> line.startsWith(name + "{"))
        .findFirst()
        .orElse("no " + name + " in:\n" + registry.scrape());
  }

  final ConnectionInfo tunnelled(Direction direction) {
    Workload client = mesh.workload("shop", "client").orElseThrow();
    Workload web = mesh.workload("shop", "web").orElseThrow();
    return new ConnectionInfo(
        direction,
        Security.MUTUAL_TLS,
        at("198.18.0.9", 40000),
        at("198.18.0.1", 8080),
        at("198.18.1.1", 80),
        Optional.of(at("198.18.0.1", 15008)),
        Optional.of(client),
        Optional.of(web),
        mesh.serviceByHostname("shop", "web.shop.svc.cluster.local"),
        Optional.of(client.identity()),
        Optional.of(web.identity()));
  }

  final ConnectionInfo plaintextFromOutside() {
    Workload web = mesh.workload("shop", "web").orElseThrow();
    return new ConnectionInfo(
        Direction.INBOUND,
        Security.NONE,
        at("198.18.9.9", 40000),
        at("198.18.0.1", 8080),
        at("198.18.0.1", 8080),
        Optional.empty(),
        Optional.empty(),
        Optional.of(web),
        Optional.empty(),
        Optional.empty(),
        Optional.of(web.identity()));
  }

  static InetSocketAddress at(String address, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), port);
  }
}
