// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.linux.DirectoryWatch;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.waypoint.accept.HttpConnections;
import dev.culvert.waypoint.authenticate.KeySources;
import dev.culvert.waypoint.authorize.Inquiries;
import dev.culvert.waypoint.balance.Clusters;
import dev.culvert.waypoint.exchange.Chain;
import dev.culvert.waypoint.exchange.Guards;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.forward.Calls;
import dev.culvert.waypoint.forward.ClientCert;
import dev.culvert.waypoint.forward.Forward;
import dev.culvert.waypoint.forward.LoopPools;
import dev.culvert.waypoint.forward.Probes;
import dev.culvert.waypoint.forward.TcpDialer;
import dev.culvert.waypoint.gateway.Problems;
import dev.culvert.waypoint.gateway.StatsPort;
import dev.culvert.waypoint.observe.RequestTelemetry;
import dev.culvert.waypoint.trace.SpanExport;
import dev.culvert.waypoint.trace.TraceContext;
import dev.culvert.waypoint.transform.ApplyFilters;
import dev.culvert.ztunnel.controlplane.ControlPlane;
import dev.culvert.ztunnel.controlplane.NodeToken;
import dev.culvert.ztunnel.controlplane.ServerTrust;
import dev.culvert.ztunnel.hbone.TunnelPools;
import dev.culvert.ztunnel.identity.MeshTrust;
import dev.culvert.ztunnel.identity.NodeCertificates;
import dev.culvert.ztunnel.identity.Revocations;
import dev.culvert.ztunnel.limits.NodeLimits;
import dev.culvert.ztunnel.limits.PodShare;
import dev.culvert.ztunnel.route.Router;
import dev.culvert.ztunnel.telemetry.AccessLog;
import dev.culvert.ztunnel.telemetry.ConnectionTelemetry;
import dev.culvert.ztunnel.telemetry.SeriesLimits;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.transport.Transport;
import dev.culvert.ztunnel.xds.AdsClient;
import dev.culvert.ztunnel.xds.MeshStore;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
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

  /** A revocation is awaited, and the file is small. */
  private static final Duration CRL_INTERVAL = Duration.ofSeconds(5);

  private static final SeriesLimits SERIES = new SeriesLimits(10_000, Duration.ofMinutes(15));

  private final WaypointConfig config;
  private final Self self;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final MeshStore mesh;
  private final AdsClient discovery;
  private final NodeCertificates certificates;
  private final ServedPorts served;
  private final BoundWait wait;
  private final OpenPassages passages = new OpenPassages();
  private final HboneListener listener;
  private final StatsPort stats;
  private final StatsPort ready;
  private final Problems problems = new Problems();
  private ResourceFiles files = ResourceFiles.empty();

  private MeshWaypoint(WaypointConfig config) throws IOException {
    this.config = config;
    this.self = config.self();
    this.mesh = new MeshStore(config.cluster(), config.network(), config.trustDomains());
    try {
      Transport transport = Transport.select(config.transport());
      PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      opened.push(registry::close);
      ControlPlane controlPlane =
          new ControlPlane(
              ServerTrust.of(config.rootCert()),
              NodeToken.at(config.tokenFile()),
              config.cluster());
      this.certificates = open(certificates(controlPlane, registry));
      this.discovery =
          open(
              new AdsClient(
                  controlPlane,
                  config.xdsAddress(),
                  config.proxy(),
                  mesh,
                  registry,
                  false,
                  config.source().isPresent()
                      ? Map.of()
                      : Map.of(ToldResources.TYPE_URL, new ToldResources(this::take))));
      ConnectionTelemetry connections =
          open(new ConnectionTelemetry(registry, config.logFormat(), SERIES));
      AccessLog log = open(new AccessLog(config.logFormat(), registry));
      EventLoopGroup workers = transport.workers(config.workers());
      opened.push(() -> end(workers));
      PodShare share = open(new NodeLimits(config.limits(), registry).pod("waypoint"));
      PodSockets sockets = PodSockets.own(transport, share);
      Router router =
          new Router(
              mesh, workload -> Optional.empty(), () -> ThreadLocalRandom.current().nextLong());
      WaypointTunnels tunnels =
          new WaypointTunnels(
              self, mesh, sockets, new TunnelPools(workers, certificates, config.tunnels()));
      MeshDialer dialer =
          new MeshDialer(tunnels, new TcpDialer(transport, config.pools().connectTimeout()));
      LoopPools pools = new LoopPools(workers, dialer, config.pools());
      Phase forward =
          new Forward(pools, new ClientCert(config.clientCert(), self.identity().toString()), true);
      Calls calls = new Calls(pools);
      RequestTelemetry requests = new RequestTelemetry(log, registry, spans(registry));
      MeshBackends backends =
          new MeshBackends(
              mesh,
              router,
              self,
              config.domain(),
              new Clusters(registry, new Probes(workers, calls, dialer)));
      Bound bound = new Bound(mesh, self);
      this.served =
          new ServedPorts(
              mesh,
              bound,
              backends,
              self,
              open(new KeySources()),
              new Inquiries(calls, registry),
              match ->
                  new Chain(
                      List.of(
                          new TraceContext(config.trace()),
                          match,
                          new Guards(),
                          new ApplyFilters(),
                          forward),
                      requests));
      this.wait = new BoundWait(bound, mesh, served::isKnown, PATIENCE);
      HttpConnections accepted = new HttpConnections(config.accept());
      OpenRequests open = new OpenRequests(accepted, bound);
      mesh.onChange(open::drainUnbound);
      mesh.onChange(() -> passages.endUnbound(bound));
      WaypointInputs inputs =
          new WaypointInputs(
              self,
              mesh,
              wait,
              served,
              accepted,
              passages,
              open,
              router,
              tunnels,
              sockets,
              share,
              certificates,
              config.tunnels(),
              connections);
      this.stats =
          open(
              new StatsPort(
                  "stats-port",
                  config.statsPort(),
                  () -> scrape(connections, registry),
                  this::waitingFor));
      this.ready =
          open(new StatsPort("ready-port", config.readyPort(), () -> "", this::waitingFor));
      this.listener = new HboneListener(inputs, workers, new InetSocketAddress(config.port()));
      discovery.start();
      certificates.prefetch(self.identity());
      if (config.source().isPresent()) {
        opened.push(DirectoryWatch.start(config.source().get(), this::read));
      }
    } catch (IOException | RuntimeException e) {
      closeOpened();
      throw e;
    }
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
        config.waypoint(),
        waypoint.self.identity(),
        waypoint.listener.address().getPort(),
        config.xdsAddress(),
        waypoint.stats.port(),
        waypoint.ready.port());
    return waypoint;
  }

  private <T extends AutoCloseable> T open(T one) {
    opened.push(one);
    return one;
  }

  private NodeCertificates certificates(
      ControlPlane controlPlane, PrometheusMeterRegistry registry) {
    Revocations revocations =
        config
            .identity()
            .crl()
            .map(file -> Revocations.of(file, CRL_INTERVAL, registry))
            .orElseGet(Revocations::none);
    opened.push(revocations);
    return new NodeCertificates(
        controlPlane,
        config.caAddress(),
        new MeshTrust(config.trustDomains(), revocations),
        config.certificateTtl(),
        config.tlsEngine(),
        config.identity().postQuantum());
  }

  private Optional<SpanExport> spans(PrometheusMeterRegistry registry) {
    Map<String, String> resource =
        Map.of(
            "service.name",
            self.waypoint().name() + "." + self.waypoint().namespace(),
            "k8s.pod.name",
            self.pod(),
            "k8s.namespace.name",
            self.waypoint().namespace());
    return config
        .trace()
        .endpoint()
        .map(to -> open(new SpanExport(to, config.trace().queue(), resource, registry)));
  }

  private static String scrape(ConnectionTelemetry connections, PrometheusMeterRegistry registry) {
    connections.fold();
    return registry.scrape();
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
    passages.judge();
    wait.look();
  }

  /** What it still waits for before it can take traffic; empty when ready. */
  public Optional<String> waitingFor() {
    if (!discovery.ready()) {
      return Optional.of("the first answer of the control plane");
    }
    if (self.workload(mesh).isEmpty()) {
      return Optional.of(
          "word of pod %s/%s from the control plane"
              .formatted(self.waypoint().namespace(), self.pod()));
    }
    if (certificates.current(self.identity()).isEmpty()) {
      return Optional.of("the certificate of " + self.identity());
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
    closeOpened();
  }

  private static void end(EventLoopGroup workers) {
    workers.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
  }

  private void closeOpened() {
    while (!opened.isEmpty()) {
      AutoCloseable last = opened.pop();
      try {
        last.close();
      } catch (Exception e) {
        LOG.warn("could not close {}: {}", last.getClass().getSimpleName(), e.toString());
      }
    }
  }
}
