// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import dev.culvert.controlplane.access.NodeAuthentication;
import dev.culvert.controlplane.access.NodeTokens;
import dev.culvert.controlplane.ca.CertificateAuthority;
import dev.culvert.controlplane.ca.CertificateService;
import dev.culvert.controlplane.ca.PluggedIn;
import dev.culvert.controlplane.ca.RootStore;
import dev.culvert.controlplane.ca.ServingCertificate;
import dev.culvert.controlplane.discovery.DiscoveryService;
import dev.culvert.controlplane.source.directory.FolderSource;
import dev.culvert.controlplane.source.directory.LastGoodFiles;
import dev.culvert.controlplane.source.kubernetes.ApiAccess;
import dev.culvert.controlplane.source.kubernetes.KubernetesSource;
import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.controlplane.state.StateFolder;
import dev.culvert.policy.spiffe.TrustDomain;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
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
    CertificateAuthority authority = authority(config, state);
    NodeTokens tokens = new NodeTokens(state);
    LiveMesh mesh = new LiveMesh(config.names(), tokens, state);
    closing.first(follow(config.source(), state, mesh, closing));
    ServingCertificate serving =
        new ServingCertificate(
            authority, ServingNames.of(config), SERVING_LIFE, InstantSource.system());
    closing.first(
        Housekeeping.start(authority::refresh, serving::renewWhenDue, mesh::refreshTokens));
    int port = listen(config, authority, tokens, mesh, serving, closing);
    LOG.info(
        "control plane of {} listens on {}:{}; proxies trust {}",
        authority.trustDomain(),
        config.listen().getHostString(),
        port,
        config
            .caCerts()
            .map(folder -> folder.resolve(PluggedIn.ROOTS))
            .orElse(state.file(RootStore.CERTIFICATE)));
    return new ControlPlane(closing, port);
  }

  private static CertificateAuthority authority(ControlPlaneConfig config, StateFolder state) {
    TrustDomain trustDomain = config.names().trustDomain();
    InstantSource clock = InstantSource.system();
    return config
        .caCerts()
        .map(folder -> PluggedIn.open(folder, trustDomain, clock))
        .orElseGet(() -> RootStore.open(state, trustDomain, clock));
  }

  private static AutoCloseable follow(
      MeshSource source, StateFolder state, LiveMesh mesh, Closing closing) {
    return switch (source) {
      case MeshSource.Folder(Path path) ->
          FolderSource.start(path, LastGoodFiles.open(state), mesh::update);
      case MeshSource.ApiServer(Optional<Path> kubeconfig) -> {
        KubernetesClient client = closing.first(ApiAccess.open(kubeconfig));
        LOG.info("reads the mesh from {}", client.getMasterUrl());
        try {
          yield KubernetesSource.start(client, KubernetesSource.Pace.STANDARD, mesh::update);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new ControlPlaneException(
              client.getMasterUrl(), "has not been read yet", "this was stopped before");
        }
      }
    };
  }

  private static int listen(
      ControlPlaneConfig config,
      CertificateAuthority authority,
      NodeTokens tokens,
      LiveMesh mesh,
      ServingCertificate serving,
      Closing closing) {
    ExecutorService executor = closing.first(Executors.newVirtualThreadPerTaskExecutor());
    DiscoveryService discovery = new DiscoveryService(mesh.snapshots(), executor);
    CertificateService certificates =
        new CertificateService(authority, mesh::runsOn, config.certificateTtl());
    MeshListener listener =
        MeshListener.start(
            config.listen(),
            serving,
            new NodeAuthentication(tokens),
            executor,
            List.of(discovery, certificates));
    closing.first(() -> listener.close(config.drain()));
    closing.first(discovery);
    closing.first(listener::refuse);
    return listener.port();
  }
}
