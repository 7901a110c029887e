// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.linux.file.DirectoryWatch;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.translate.MeshPolicies;
import dev.culvert.waypoint.authenticate.KeySources;
import dev.culvert.waypoint.authorize.Inquiries;
import dev.culvert.waypoint.balance.Clusters;
import dev.culvert.waypoint.forward.Calls;
import dev.culvert.waypoint.forward.ClientCert;
import dev.culvert.waypoint.forward.Forward;
import dev.culvert.waypoint.forward.LoopPools;
import dev.culvert.waypoint.forward.Probes;
import dev.culvert.waypoint.forward.TcpDialer;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.observe.RequestTelemetry;
import dev.culvert.waypoint.route.Backends;
import dev.culvert.waypoint.route.Closed;
import dev.culvert.waypoint.stream.Carriers;
import dev.culvert.waypoint.stream.DirectUpstream;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running front door. It starts when the folder was read and its ports are open. */
public final class FrontDoor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FrontDoor.class);
  private static final Map<String, String> RESOURCE = Map.of("service.name", "culvert-gateway");
  private static final long FIRST_READ_SECONDS = 30;

  private final Path source;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final AccessLog log;
  private final Workers loops;
  private final Ports ports;
  private final ConnectionTelemetry connections;
  private final Optional<SpanExport> spans;
  private final GatewayCompiler compiler;
  private final KeySources keys = new KeySources();
  private final BackendTlsContexts tls = new BackendTlsContexts();
  private final Clusters clusters;
  private final Problems problems = new Problems();
  private final CompletableFuture<Void> firstRead = new CompletableFuture<>();
  private final StatsPort stats;
  private final DirectoryWatch watch;
  private ResourceFiles files = ResourceFiles.empty();

  private FrontDoor(GatewayConfig config, Path source) throws IOException {
    this.source = source;
    Transport transport = Transport.select(config.transport());
    this.log = new AccessLog(config.logFormat(), registry);
    this.loops = new Workers(transport, config.workers());
    EventLoopGroup workers = loops.group();
    TcpDialer dialer = new TcpDialer(transport, config.pools().connectTimeout());
    LoopPools pools = new LoopPools(workers, dialer, config.pools());
    Calls calls = new Calls(pools);
    this.clusters = new Clusters(registry, new Probes(workers, calls, dialer));
    Inquiries inquiries = new Inquiries(calls, registry);
    this.spans = SpanExport.of(config.trace(), RESOURCE, registry);
    RequestTelemetry requests =
        new RequestTelemetry(log, registry, config.series(), spans, config.line());
    this.connections =
        new ConnectionTelemetry(
            registry, config.logFormat(), config.series(), requests::forgetIdle);
    Streams streams = new Streams(new Carriers(new DirectUpstream(dialer), connections));
    this.compiler =
        new GatewayCompiler(
            new Surroundings(
                config.className(),
                config.forwardedFor(),
                keys,
                inquiries,
                streams,
                MeshPolicies.ROOT_NAMESPACES));
    this.ports =
        new Ports(
            config,
            transport,
            workers,
            new Forward(pools, ClientCert.NEVER, false),
            streams,
            requests);
    this.stats =
        StatsPort.open(
            "stats-port",
            config.statsPort(),
            this::scrape,
            () -> firstRead.isDone() ? Optional.empty() : Optional.of("its folder"));
    this.watch = DirectoryWatch.start(source, this::read);
  }

  /**
   * Starts and returns when its ports are open.
   *
   * @throws IOException when the folder is missing or cannot be watched
   */
  public static FrontDoor start(GatewayConfig config) throws IOException {
    Path source =
        config
            .source()
            .orElseThrow(
                () -> new IOException("no folder is named; name one with --config, or source"));
    if (!Files.isDirectory(source)) {
      throw new IOException(
          "%s is no folder; make it, or name another with --config".formatted(source));
    }
    FrontDoor door = new FrontDoor(config, source);
    try {
      door.firstRead.orTimeout(FIRST_READ_SECONDS, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      door.close();
      throw new IOException("%s cannot be read (%s)".formatted(source, e.getCause()), e);
    }
    return door;
  }

  private void scrape(OutputStream out) throws IOException {
    connections.fold();
    registry.scrape(out, AdminPorts.METRICS_TYPE);
  }

  /** On the watch's thread; what it says is in force when this returns. */
  void read(Map<String, String> contents) {
    files = files.with(contents);
    tls.begin();
    Compiled compiled = compiler.compile(files, this::backends, Closed.NOTHING);
    tls.end();
    problems.update(files.errors(), files.notices(), compiled.problems());
    ports.apply(compiled);
    if (!firstRead.isDone()) {
      LOG.info("{}: listens on {}", source, ports.numbers().keySet());
      firstRead.complete(null);
    }
  }

  private Backends backends(Resources from, Kept kept, List<String> told) {
    told.addAll(clusters.apply(from));
    return new Endpoints(
        new ServiceMembers(from), clusters, new BackendTlsPolicies(from, tls, told), kept);
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
    watch.close();
    ports.close();
    keys.close();
    stats.close();
    loops.close();
    spans.ifPresent(SpanExport::close);
    connections.close();
    log.close();
    registry.close();
  }
}
