// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import dev.culvert.controlplane.access.CallerAuthentication;
import dev.culvert.controlplane.ca.CertificateAuthority;
import dev.culvert.controlplane.ca.CertificateService;
import dev.culvert.controlplane.ca.ServingCertificate;
import dev.culvert.controlplane.discovery.DiscoveryService;
import dev.culvert.controlplane.source.kubernetes.ApiAccess;
import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.controlplane.state.StateFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

  private ControlPlane(Closing closing, int port) {
    this.closing = closing;
    this.port = port;
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
    ServingCertificate serving =
        new ServingCertificate(
            authority, ServingNames.of(config), SERVING_LIFE, InstantSource.system());
    List<Runnable> chores = new ArrayList<>(ground.chores());
    chores.addFirst(serving::renewWhenDue);
    chores.addFirst(authority::refresh);
    closing.first(Housekeeping.start(chores));
    int port = listen(config, ground, serving, closing);
    LOG.info(
        "control plane of {} listens on {}:{}; proxies trust {}",
        authority.trustDomain(),
        config.listen().getHostString(),
        port,
        ground.roots());
    return new ControlPlane(closing, port);
  }

  private static Ground ground(ControlPlaneConfig config, StateFolder state, Closing closing) {
    return switch (config.source()) {
      case MeshSource.Folder(Path path) -> LocalGround.open(config, path, state, closing);
      case MeshSource.ApiServer(Optional<Path> kubeconfig) ->
          ClusterGround.open(config, ApiAccess.open(kubeconfig), state, closing);
    };
  }

  private static int listen(
      ControlPlaneConfig config, Ground ground, ServingCertificate serving, Closing closing) {
    ExecutorService executor = closing.first(Executors.newVirtualThreadPerTaskExecutor());
    DiscoveryService discovery = new DiscoveryService(ground.mesh().snapshots(), executor);
    CertificateService certificates =
        new CertificateService(ground.authority(), ground.mesh()::runsOn, config.certificateTtl());
    MeshListener listener =
        MeshListener.start(
            config.listen(),
            serving,
            new CallerAuthentication(ground.callers()),
            executor,
            List.of(discovery, certificates));
    closing.first(() -> listener.close(config.drain()));
    closing.first(discovery);
    closing.first(listener::refuse);
    return listener.port();
  }
}
