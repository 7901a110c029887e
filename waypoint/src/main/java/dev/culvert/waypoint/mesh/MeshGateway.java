// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.authenticate.KeySources;
import dev.culvert.waypoint.forward.ClientCert;
import dev.culvert.waypoint.forward.Forward;
import dev.culvert.waypoint.gateway.BackendTlsContexts;
import dev.culvert.waypoint.gateway.BackendTlsPolicies;
import dev.culvert.waypoint.gateway.Compiled;
import dev.culvert.waypoint.gateway.GatewayCompiler;
import dev.culvert.waypoint.gateway.GatewayConfig;
import dev.culvert.waypoint.gateway.Ports;
import dev.culvert.waypoint.gateway.Problems;
import dev.culvert.waypoint.gateway.Surroundings;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.observe.RequestTelemetry;
import dev.culvert.waypoint.route.Backends;
import dev.culvert.waypoint.stream.Carriers;
import dev.culvert.waypoint.stream.Streams;
import dev.culvert.waypoint.trace.SpanExport;
import dev.culvert.ztunnel.admin.AdminPorts;
import dev.culvert.ztunnel.admin.StatsPort;
import dev.culvert.ztunnel.telemetry.AccessLog;
import dev.culvert.ztunnel.telemetry.ConnectionTelemetry;
import dev.culvert.ztunnel.transport.Transport;
import dev.culvert.ztunnel.transport.Workers;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A front door of the mesh. The control plane tells it of its Gateway, routes, policies and
 * certificates, and it carries requests to the mesh's endpoints as itself, in tunnels where they
 * have one. It opens its ports when it was told of them, and is ready when it knows the mesh too
 * and can prove who it is.
 */
public final class MeshGateway implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MeshGateway.class);
  private final GatewayConfig config;
  private final MemberConfig membership;
  private final Opened opened = new Opened();
  private final Member member;
  private final GatewayCompiler compiler;
  private final Ports ports;
  private final BackendTlsContexts tls = new BackendTlsContexts();
  private final Problems problems = new Problems();
  private final StatsPort stats;
  private volatile boolean told;
  private boolean closed;

  private MeshGateway(GatewayConfig config, MemberConfig membership) throws IOException {
    this.config = config;
    this.membership = membership;
    try {
      Transport transport = Transport.select(config.transport());
      PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      opened.add(registry::close);
      AccessLog log = opened.add(new AccessLog(config.logFormat(), registry));
      EventLoopGroup workers = opened.add(new Workers(transport, config.workers())).group();
      KeySources keys = opened.add(new KeySources());
      this.member =
          opened.add(
              new Member(
                  membership,
                  config.className(),
                  transport,
                  workers,
                  config.pools(),
                  registry,
                  Map.of(ToldResources.TYPE_URL, new ToldResources(this::take))));
      RequestTelemetry requests =
          new RequestTelemetry(log, registry, config.series(), spans(registry), config.line());
      ConnectionTelemetry connections =
          opened.add(
              new ConnectionTelemetry(
                  registry, config.logFormat(), config.series(), requests::forgetIdle));
      Streams streams = new Streams(new Carriers(member.upstream(), connections));
      this.compiler =
          new GatewayCompiler(
              new Surroundings(
                  config.className(),
                  config.forwardedFor(),
                  keys,
                  member.inquiries(),
                  streams,
                  membership.rootNamespaces()));
      this.ports =
          new Ports(
              config,
              transport,
              workers,
              new Forward(member.connections(), ClientCert.NEVER, false),
              streams,
              requests);
      this.stats =
          opened.add(
              StatsPort.open(
                  "stats-port",
                  config.statsPort(),
                  out -> scrape(connections, registry, out),
                  this::waitingFor));
      member.start();
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /**
   * Starts a front door and returns when it has begun; {@link #waitingFor} says when it is ready.
   *
   * @param config of its listeners
   * @param membership its part in the mesh
   * @throws IOException when root-cert cannot be read, or the port of metrics is taken
   * @throws IllegalStateException when the transport or TLS engine that was asked for does not work
   */
  public static MeshGateway start(GatewayConfig config, MemberConfig membership)
      throws IOException {
    MeshGateway gateway = new MeshGateway(config, membership);
    LOG.info(
        "gateway {} is {}: control plane {}, metrics and readiness on {}",
        membership.gateway(),
        gateway.member.self().identity(),
        membership.xdsAddress(),
        gateway.stats.port());
    return gateway;
  }

  /** On the xDS thread. */
  private synchronized void take(ToldResources.Told next) {
    if (closed) {
      return;
    }
    tls.begin();
    Compiled compiled =
        compiler.compile(next, (from, kept, found) -> backends(next, kept, found), next.refusals());
    tls.end();
    problems.update(
        List.of(),
        List.of(),
        Stream.concat(next.problems().stream(), compiled.problems().stream()).toList());
    ports.apply(compiled);
    if (!told) {
      told = true;
      LOG.info("gateway {} listens on {}", membership.gateway(), ports.numbers().keySet());
    }
  }

  private Backends backends(ToldResources.Told from, Kept kept, List<String> found) {
    found.addAll(member.backends().apply(from));
    return new SecuredBackends(
        member.backends(), new BackendTlsPolicies(from, tls, found), from.refusals(), kept);
  }

  private static void scrape(
      ConnectionTelemetry connections, PrometheusMeterRegistry registry, OutputStream out)
      throws IOException {
    connections.fold();
    registry.scrape(out, AdminPorts.METRICS_TYPE);
  }

  private Optional<SpanExport> spans(PrometheusMeterRegistry registry) {
    Optional<SpanExport> spans = SpanExport.of(config.trace(), member.self().resource(), registry);
    spans.ifPresent(opened::add);
    return spans;
  }

  /** What it still waits for before it takes traffic; empty when ready. */
  public Optional<String> waitingFor() {
    return told
        ? member.waitingFor()
        : Optional.of("its Gateway, routes and policies from the control plane");
  }

  /** The ports that are open, by the port of the listener. */
  public SortedMap<Integer, Integer> ports() {
    return ports.numbers();
  }

  /** The port of metrics and readiness. */
  public int statsPort() {
    return stats.port();
  }

  /** Takes no more connections, lets requests end until the drain deadline, and ends. */
  @Override
  public void close() {
    shut();
    ports.close();
    opened.close();
  }

  /** What is told from now on opens no port any more. */
  private synchronized void shut() {
    closed = true;
  }
}
