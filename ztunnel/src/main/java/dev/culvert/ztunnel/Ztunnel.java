// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel;

import dev.culvert.linux.MonotonicClock;
import dev.culvert.linux.socket.TcpDiagnosis;
import dev.culvert.ztunnel.admin.AdminPorts;
import dev.culvert.ztunnel.admin.ConfigDump;
import dev.culvert.ztunnel.admin.Readiness;
import dev.culvert.ztunnel.authz.PolicyAuthorizer;
import dev.culvert.ztunnel.authz.PolicyWatch;
import dev.culvert.ztunnel.capture.DrainTimes;
import dev.culvert.ztunnel.capture.OriginalDestination;
import dev.culvert.ztunnel.capture.PodProxies;
import dev.culvert.ztunnel.capture.ProxyInputs;
import dev.culvert.ztunnel.config.SameNode;
import dev.culvert.ztunnel.config.ZtunnelConfig;
import dev.culvert.ztunnel.controlplane.ControlPlane;
import dev.culvert.ztunnel.controlplane.ServerTrust;
import dev.culvert.ztunnel.dns.DnsProxy;
import dev.culvert.ztunnel.identity.MeshTrust;
import dev.culvert.ztunnel.identity.NodeCertificates;
import dev.culvert.ztunnel.identity.Revocations;
import dev.culvert.ztunnel.limits.NodeLimits;
import dev.culvert.ztunnel.pairs.DirectPath;
import dev.culvert.ztunnel.pairs.FlowReports;
import dev.culvert.ztunnel.pairs.Pairs;
import dev.culvert.ztunnel.telemetry.ConnectionTelemetry;
import dev.culvert.ztunnel.telemetry.CountedPods;
import dev.culvert.ztunnel.telemetry.ProcessMetrics;
import dev.culvert.ztunnel.telemetry.ProxyCounts;
import dev.culvert.ztunnel.transport.Transport;
import dev.culvert.ztunnel.transport.Workers;
import dev.culvert.ztunnel.xds.AdsClient;
import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.zds.Pod;
import dev.culvert.ztunnel.zds.PodRegistry;
import dev.culvert.ztunnel.zds.ZdsClient;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running proxy. It first opens its own ports, then asks the control plane, and asks the agent
 * for pods when it has an answer: with their ports it takes them from the ztunnel before it. It
 * ends the other way round, and lets open connections go on until the drain deadline.
 */
public final class Ztunnel implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ztunnel.class);

  /** As Istio's ztunnel: a pod may be faster than the word of it. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** The second repetition of a SYN-ACK comes after three seconds; who is slower begins anew. */
  private static final Duration QUEUES = Duration.ofSeconds(5);

  /** The kernel does both in one go; the virtual machine that it runs on may be held up between. */
  private static final Duration DELIVERED = Duration.ofMillis(200);

  /** For loops that have much to reset. */
  private static final Duration RESETS = Duration.ofSeconds(2);

  /** For apps that end together with their pod; the pod's network may be gone with it. */
  private static final Duration POD_LEFT = Duration.ofSeconds(5);

  /** A revocation is awaited, and the file is small. */
  private static final Duration CRL_INTERVAL = Duration.ofSeconds(5);

  private final ZtunnelConfig config;
  private final long started = MonotonicClock.nanos();
  private final Opened opened = new Opened();
  private final Transport transport;
  private final MeshStore mesh;
  private final PodProxies proxies;
  private final ZdsClient agent;
  private final Optional<Pairs> pairs;
  private final Ending ending;
  private final Readiness readiness;
  private final AdminPorts admin;

  private Ztunnel(ZtunnelConfig config, Runnable quit) throws IOException {
    this.config = config;
    this.transport = Transport.select(config.transport());
    this.mesh = new MeshStore(config.cluster(), config.network(), config.trustDomains());
    try {
      var registry = opened.add(new MetricsRegistry()).prometheus();
      var telemetry =
          opened.add(
              new ConnectionTelemetry(
                  registry,
                  config.logFormat(),
                  config.telemetry().series(),
                  config.telemetry().export(resource())));
      var trust = new MeshTrust(config.trustDomains(), opened.add(revocations(registry)));
      var certificates =
          opened.add(
              certificates(controlPlane(config.servers().ca(), config.self().caHeaders()), trust));
      var discovery =
          opened.add(
              new AdsClient(
                  controlPlane(config.servers().xds(), config.self().xdsHeaders()),
                  config.xdsAddress(),
                  config.self().identity(),
                  mesh,
                  registry,
                  config.xdsOnDemand()));
      // After what event loops use until their end.
      EventLoopGroup workers = opened.add(new Workers(transport, config.workers())).group();
      PolicyAuthorizer authorizer = new PolicyAuthorizer(mesh);
      Optional<Pairs> pairs = pairs(discovery::ready, authorizer, telemetry, registry);
      DirectPath direct = pairs.<DirectPath>map(each -> each).orElse(DirectPath.NONE);
      this.proxies =
          new PodProxies(
              inputs(registry, workers, discovery, telemetry, certificates, authorizer, direct));
      var pods = new PodRegistry(config.trustDomain(), new CountedPods(proxies, registry));
      this.ending = new Ending(proxies, registry);
      var first =
          new FirstCertificates(
              pods::ready,
              () -> proxies.pods().stream().map(Pod::identity).toList(),
              id -> certificates.current(id).isPresent(),
              System::nanoTime);
      this.readiness = readiness(ending, discovery, pods, first);
      String version = version();
      var dump =
          new ConfigDump(
              mesh,
              config.network(),
              certificates::status,
              pods::known,
              telemetry::connections,
              config.shown(),
              version);
      var counts =
          new ProxyCounts(
              () -> pods.known().size() - pods.waitingFor().size(), () -> pods.waitingFor().size());
      AdminPorts.Metrics metrics =
          out -> {
            telemetry.fold();
            registry.scrape(out, AdminPorts.METRICS_TYPE);
            out.write(counts.text().getBytes(StandardCharsets.US_ASCII));
          };
      this.admin = opened.add(new AdminPorts(config.ports(), readiness, metrics, dump, quit));
      this.agent = opened.add(new ZdsClient(config.zdsSocket(), pods, started, discovery::ready));
      ProcessMetrics.register(
          registry, workers, version, transport.name(), config.tlsEngine().describe());
      this.pairs = pairs;
      pairs.ifPresent(each -> each.start(proxies.router(), proxies::pod));
      discovery.start();
      agent.start();
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /**
   * Starts a proxy and returns when it has begun; {@link #waitingFor} says when it is ready.
   *
   * @throws IOException when root-cert cannot be read, or a port cannot be listened on
   * @throws IllegalStateException when the transport or TLS engine that was asked for does not work
   */
  public static Ztunnel start(ZtunnelConfig config) throws IOException {
    Ztunnel ztunnel = new Ztunnel(config, () -> System.exit(0));
    AdminPorts.Numbers ports = ztunnel.ports();
    LOG.info(
        "ztunnel of node {}: {}, TLS by {}, {} workers, control plane {}, agent {}, admin on port"
            + " {}, metrics on {}, readiness on {}",
        config.node(),
        ztunnel.transport.name(),
        config.tlsEngine().describe(),
        config.workers(),
        config.xdsAddress(),
        config.zdsSocket(),
        ports.admin(),
        ports.stats(),
        ports.ready());
    return ztunnel;
  }

  /** What it still waits for before it can take traffic; empty when ready. */
  public Optional<String> waitingFor() {
    return readiness.waitingFor();
  }

  /** The ports it listens on outside of pods. */
  public AdminPorts.Numbers ports() {
    return admin.numbers();
  }

  /**
   * Takes no more connections, lets the open ones end until the drain deadline, and ends. It hears
   * the agent and the control plane until then: a pod may end, or a policy change.
   */
  @Override
  public void close() {
    pairs.ifPresent(Pairs::close); // what they let in is the next ztunnel's, and is not drained
    try {
      ending.await(config.drainDeadline(), QUEUES.plus(RESETS));
    } finally {
      agent.close();
      opened.close();
    }
  }

  /** By OpenTelemetry's names. */
  private Map<String, String> resource() {
    return Map.of(
        "service.name", "ztunnel",
        "service.version", version(),
        "k8s.cluster.name", config.cluster(),
        "k8s.node.name", config.node());
  }

  private ControlPlane controlPlane(ServerTrust server, Map<String, String> headers)
      throws IOException {
    return new ControlPlane(server, config.token(), config.cluster(), config.tlsEngine().provider())
        .withHeaders(headers);
  }

  private Revocations revocations(PrometheusMeterRegistry registry) {
    return config
        .identity()
        .crl()
        .map(file -> Revocations.of(file, CRL_INTERVAL, registry))
        .orElseGet(Revocations::none);
  }

  private NodeCertificates certificates(ControlPlane controlPlane, MeshTrust trust) {
    return new NodeCertificates(
        controlPlane,
        config.caAddress(),
        trust,
        config.certificateTtl(),
        config.tlsEngine(),
        config.identity().postQuantum());
  }

  private ProxyInputs inputs(
      PrometheusMeterRegistry registry,
      EventLoopGroup workers,
      AdsClient discovery,
      ConnectionTelemetry telemetry,
      NodeCertificates certificates,
      PolicyAuthorizer authorizer,
      DirectPath direct) {
    return new ProxyInputs(
        config.node(),
        transport,
        config.podNetwork(),
        workers,
        mesh,
        discovery.onDemand(),
        certificates,
        authorizer,
        opened.add(new PolicyWatch(mesh, authorizer)),
        direct,
        telemetry,
        new DnsProxy(mesh, config.dns(), registry),
        config.tunnels(),
        new NodeLimits(config.limits(), registry),
        OriginalDestination.kernel(transport),
        PATIENCE,
        new DrainTimes(QUEUES, DELIVERED, POD_LEFT));
  }

  private Optional<Pairs> pairs(
      BooleanSupplier prepared,
      PolicyAuthorizer authorizer,
      ConnectionTelemetry telemetry,
      PrometheusMeterRegistry registry)
      throws IOException {
    if (config.sameNode() == SameNode.PROXY) {
      return Optional.empty();
    }
    if (!TcpDiagnosis.canDestroy()) {
      LOG.warn("same-node=proxy, because this kernel has no CONFIG_INET_DIAG_DESTROY");
      return Optional.empty();
    }
    FlowReports reports = new FlowReports(mesh, telemetry::over);
    Pairs pairs =
        opened.add(new Pairs(config.pairsSocket(), started, prepared, mesh, authorizer, reports));
    Gauge.builder("culvert_direct_pairs", pairs, Pairs::granted)
        .description("Pairs of pods that connect without the proxy now.")
        .register(registry);
    FunctionCounter.builder("culvert_direct_reports_lost", reports, FlowReports::lost)
        .description("Connections without the proxy that ended without being counted.")
        .register(registry);
    return Optional.of(pairs);
  }

  private static Readiness readiness(
      Ending ending, AdsClient discovery, PodRegistry pods, FirstCertificates certificates) {
    return new Readiness(
        List.of(
            new Readiness.Condition(ending::report, () -> !ending.hasBegun()),
            new Readiness.Condition(
                () -> "the first answer of the control plane", discovery::ready),
            new Readiness.Condition(() -> missing(pods.waitingFor()), pods::ready),
            new Readiness.Condition(
                () -> "certificates for " + String.join(", ", certificates.missing()),
                () -> certificates.missing().isEmpty())));
  }

  private static String missing(Set<String> pods) {
    return pods.isEmpty()
        ? "the agent's snapshot of pods"
        : "pods that are not up: " + String.join(", ", pods);
  }

  private static String version() {
    return Optional.ofNullable(Ztunnel.class.getPackage().getImplementationVersion()).orElse("dev");
  }
}
