// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.linux.file.DirectoryWatch;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.waypoint.accept.HttpConnections;
import dev.culvert.waypoint.authenticate.KeySources;
import dev.culvert.waypoint.exchange.Chain;
import dev.culvert.waypoint.exchange.Guards;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.forward.ClientCert;
import dev.culvert.waypoint.forward.Forward;
import dev.culvert.waypoint.gateway.Problems;
import dev.culvert.waypoint.observe.RequestTelemetry;
import dev.culvert.waypoint.stream.Carriers;
import dev.culvert.waypoint.trace.SpanExport;
import dev.culvert.waypoint.trace.TraceContext;
import dev.culvert.waypoint.transform.ApplyFilters;
import dev.culvert.ztunnel.admin.AdminPorts;
import dev.culvert.ztunnel.admin.StatsPort;
import dev.culvert.ztunnel.telemetry.AccessLog;
import dev.culvert.ztunnel.telemetry.ConnectionTelemetry;
import dev.culvert.ztunnel.transport.Transport;
import dev.culvert.ztunnel.transport.Workers;
import dev.culvert.ztunnel.xds.ResourceSink;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running waypoint. It takes tunnels from the start, and is ready when the control plane has told
 * it of the mesh and signed its certificate, and its resources were read.
 */
public final class MeshWaypoint implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MeshWaypoint.class);

  /** A client's proxy may be told of a change a moment earlier. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final WaypointConfig config;
  private final Opened opened = new Opened();
  private final Member member;
  private final ServedPorts served;
  private final BoundWait wait;
  private final Carriers carriers;
  private final HboneListener listener;
  private final StatsPort stats;
  private final StatsPort ready;
  private final Problems problems = new Problems();
  private ResourceFiles files = ResourceFiles.empty();

  private MeshWaypoint(WaypointConfig config) throws IOException {
    this.config = config;
    try {
      Transport transport = Transport.select(config.transport());
      PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      opened.add(registry::close);
      AccessLog log = opened.add(new AccessLog(config.logFormat(), registry));
      EventLoopGroup workers = opened.add(new Workers(transport, config.workers())).group();
      this.member =
          opened.add(
              new Member(
                  config.member(),
                  config.className(),
                  transport,
                  workers,
                  config.pools(),
                  registry,
                  told()));
      RequestTelemetry requests =
          new RequestTelemetry(log, registry, config.series(), spans(registry), config.line());
      ConnectionTelemetry connections =
          opened.add(
              new ConnectionTelemetry(
                  registry, config.logFormat(), config.series(), requests::forgetIdle));
      this.carriers = new Carriers(member.upstream(), connections);
      Phase forward = forward();
      Bound bound = new Bound(member.mesh(), member.self());
      this.served =
          new ServedPorts(
              member.mesh(),
              bound,
              member.backends(),
              member.self(),
              opened.add(new KeySources()),
              member.inquiries(),
              (asked, match) -> chain(match, forward, requests.of(asked)));
      this.wait = new BoundWait(bound, member.mesh(), served::isKnown, PATIENCE);
      this.listener =
          new HboneListener(inputs(bound), workers, new InetSocketAddress(config.port()));
      this.stats =
          opened.add(
              StatsPort.open(
                  "stats-port",
                  config.statsPort(),
                  out -> scrape(connections, registry, out),
                  this::waitingFor));
      this.ready =
          opened.add(StatsPort.ofReadiness("ready-port", config.readyPort(), this::waitingFor));
      member.start();
      if (config.source().isPresent()) {
        opened.add(DirectoryWatch.start(config.source().get(), this::read));
      }
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private Map<String, ResourceSink> told() {
    return config.source().isPresent()
        ? Map.of()
        : Map.of(ToldResources.TYPE_URL, new ToldResources(this::take));
  }

  private Phase forward() {
    ClientCert own = new ClientCert(config.clientCert(), member.self().identity().toString());
    return new Forward(member.connections(), own, true);
  }

  private Chain chain(Phase match, Phase forward, RequestTelemetry requests) {
    return new Chain(
        List.of(new TraceContext(config.trace()), match, new Guards(), new ApplyFilters(), forward),
        requests);
  }

  private WaypointInputs inputs(Bound bound) {
    HttpConnections accepted = new HttpConnections(config.accept());
    OpenRequests open = new OpenRequests(accepted, bound);
    member.mesh().onChange(open::drainUnbound);
    member.mesh().onChange(() -> endUnbound(bound));
    return new WaypointInputs(
        member.self(),
        member.mesh(),
        wait,
        served,
        accepted,
        open,
        member.sockets(),
        member.share(),
        member.certificates(),
        config.member().tunnels(),
        carriers);
  }

  /** Ends the connections to what is not this waypoint's any more. */
  private void endUnbound(Bound bound) {
    carriers
        .open()
        .judge(client -> client instanceof TunnelClient one && !bound.isBound(one.asked()));
  }

  /**
   * Starts a waypoint and returns when it has begun; {@link #waitingFor} says when it is ready.
   *
   * @throws IOException when root-cert or the folder cannot be read, or a port cannot be listened
   *     on
   * @throws IllegalStateException when the transport or TLS engine that was asked for does not work
   */
  public static MeshWaypoint start(WaypointConfig config) throws IOException {
    Optional<Path> missing = config.source().filter(folder -> !Files.isDirectory(folder));
    if (missing.isPresent()) {
      throw new IOException(
          "%s is no folder; make it, or name another as source".formatted(missing.get()));
    }
    MeshWaypoint waypoint = new MeshWaypoint(config);
    LOG.info(
        "waypoint {} is {}: tunnels on port {}, control plane {}, metrics on {}, readiness on {}",
        config.member().gateway(),
        waypoint.member.self().identity(),
        waypoint.listener.address().getPort(),
        config.member().xdsAddress(),
        waypoint.stats.port(),
        waypoint.ready.port());
    return waypoint;
  }

  private Optional<SpanExport> spans(PrometheusMeterRegistry registry) {
    Optional<SpanExport> spans = SpanExport.of(config.trace(), member.self().resource(), registry);
    spans.ifPresent(opened::add);
    return spans;
  }

  private static void scrape(
      ConnectionTelemetry connections, PrometheusMeterRegistry registry, OutputStream out)
      throws IOException {
    connections.fold();
    registry.scrape(out, AdminPorts.METRICS_TYPE);
  }

  /** On the watch's thread. */
  private void read(Map<String, String> contents) {
    files = files.with(contents);
    problems.update(files.errors(), files.notices(), served.replace(files, Refusals.NONE));
    changed();
  }

  /** On the xDS thread. */
  private void take(ToldResources.Told told) {
    problems.update(
        List.of(),
        List.of(),
        Stream.concat(told.problems().stream(), served.replace(told, told.refusals()).stream())
            .toList());
    changed();
  }

  private void changed() {
    carriers.open().judge();
    wait.look();
  }

  /** What it still waits for before it can take traffic; empty when ready. */
  public Optional<String> waitingFor() {
    Optional<String> missing = member.waitingFor();
    if (missing.isPresent()) {
      return missing;
    }
    return served.isKnown()
        ? Optional.empty()
        : Optional.of(
            config
                .source()
                .map(folder -> "folder " + folder)
                .orElse("routes and policies from the control plane"));
  }

  /** Where it takes tunnels. */
  public InetSocketAddress address() {
    return listener.address();
  }

  /** The port of metrics. */
  public int statsPort() {
    return stats.port();
  }

  /** Takes nothing new, lets what is under way end until the drain deadline, and ends. */
  @Override
  public void close() {
    listener.close(config.drainDeadline());
    opened.close();
  }
}
