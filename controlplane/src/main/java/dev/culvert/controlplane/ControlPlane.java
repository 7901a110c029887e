// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import dev.culvert.controlplane.access.CallerAuthentication;
import dev.culvert.controlplane.admission.AdmissionPort;
import dev.culvert.controlplane.ca.CertificateAuthority;
import dev.culvert.controlplane.ca.CertificateService;
import dev.culvert.controlplane.ca.ExpiryGauges;
import dev.culvert.controlplane.ca.ServingCertificate;
import dev.culvert.controlplane.discovery.DiscoveryService;
import dev.culvert.controlplane.source.kubernetes.ApiAccess;
import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.controlplane.state.StateFolder;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running control plane. */
public final class ControlPlane implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);

  /** Not a setting: one that is short for proxies would run out here between two looks at it. */
  private static final Duration SERVING_LIFE = Duration.ofHours(24);

  private final Closing closing;
  private final int port;
  private final OptionalInt statsPort;
  private final OptionalInt webhookPort;

  private ControlPlane(Closing closing, int port, OptionalInt statsPort, OptionalInt webhookPort) {
    this.closing = closing;
    this.port = port;
    this.statsPort = statsPort;
    this.webhookPort = webhookPort;
  }

  /**
   * Reads root and resources, then listens.
   *
   * @throws ControlPlaneException when it cannot start; nothing is left running then
   */
  public static ControlPlane start(ControlPlaneConfig config) {
    Closing closing = new Closing();
    try {
      return start(config, closing);
    } catch (RuntimeException e) {
      closing.close();
      throw e;
    }
  }

  /** Where it listens. */
  public int port() {
    return port;
  }

  /** Where metrics are scraped, and readiness is asked for; empty when nowhere. */
  public OptionalInt statsPort() {
    return statsPort;
  }

  /** Where the API server asks; empty when nowhere. */
  public OptionalInt webhookPort() {
    return webhookPort;
  }

  /** Ends the streams of all proxies, which go on with what they know, and stops. */
  @Override
  public void close() {
    closing.close();
    LOG.info("control plane stopped");
  }

  private static ControlPlane start(ControlPlaneConfig config, Closing closing) {
    StateFolder state = closing.first(StateFolder.open(config.state()));
    Ground ground = ground(config, state, closing);
    CertificateAuthority authority = ground.authority();
    ServingCertificate serving = serving(config, authority);
    List<Runnable> chores = new ArrayList<>(ground.chores());
    chores.addFirst(serving::renewWhenDue);
    chores.addFirst(authority::refresh);
    closing.first(Housekeeping.start(chores));
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    ExpiryGauges.register(registry, authority, serving, InstantSource.system());
    int port = listen(config, ground, serving, registry, closing);
    OptionalInt stats =
        config.stats().stream()
            .mapToInt(address -> closing.first(stats(address, registry, ground)).port())
            .findFirst();
    LOG.info(
        "control plane of {} listens on {}:{}; proxies trust {}",
        authority.trustDomain(),
        config.listen().getHostString(),
        port,
        ground.roots());
    return new ControlPlane(
        closing, port, stats, webhook(config, ground, serving, registry, closing));
  }

  private static OptionalInt webhook(
      ControlPlaneConfig config,
      Ground ground,
      ServingCertificate serving,
      MeterRegistry registry,
      Closing closing) {
    if (config.webhook().isEmpty() || ground.admission().isEmpty()) {
      return OptionalInt.empty();
    }
    AdmissionPort port =
        closing.first(
            AdmissionPort.start(
                config.webhook().get(), serving.keys(), ground.admission().get(), registry));
    LOG.info("objects are judged before they are stored on port {}", port.port());
    return OptionalInt.of(port.port());
  }

  private static Ground ground(ControlPlaneConfig config, StateFolder state, Closing closing) {
    return switch (config.source()) {
      case MeshSource.Folder(Path path) -> LocalGround.open(config, path, state, closing);
      case MeshSource.ApiServer(Optional<Path> kubeconfig) ->
          ClusterGround.open(config, ApiAccess.open(kubeconfig), state, closing);
    };
  }

  private static ServingCertificate serving(
      ControlPlaneConfig config, CertificateAuthority authority) {
    try {
      return ServingCertificate.await(
          authority, ServingNames.of(config), SERVING_LIFE, InstantSource.system());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ControlPlaneException("ca-signer", "has not signed yet", "this was stopped before");
    }
  }

  private static StatsPort stats(
      InetSocketAddress address, PrometheusMeterRegistry registry, Ground ground) {
    StatsPort stats = StatsPort.start(address, registry::scrape, ground.trouble());
    LOG.info("metrics on http://{}:{}/metrics", address.getHostString(), stats.port());
    return stats;
  }

  private static int listen(
      ControlPlaneConfig config,
      Ground ground,
      ServingCertificate serving,
      MeterRegistry registry,
      Closing closing) {
    ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    // What still asks the API server then asks for a call that is broken off.
    closing.first(executor::shutdownNow);
    DiscoveryService discovery =
        new DiscoveryService(ground.mesh().snapshots(), executor, registry);
    CertificateService certificates =
        new CertificateService(
            ground.authority(), ground.mesh()::runsOn, config.certificateTtl(), registry);
    MeshListener listener =
        MeshListener.start(
            config.listen(),
            serving,
            new CallerAuthentication(ground.callers(), registry),
            executor,
            List.of(discovery, certificates));
    closing.first(() -> listener.close(config.drain()));
    closing.first(discovery);
    closing.first(listener::refuse);
    return listener.port();
  }
}
