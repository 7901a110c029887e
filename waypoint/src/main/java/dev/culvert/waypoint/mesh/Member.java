// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.authorize.Inquiries;
import dev.culvert.waypoint.balance.Clusters;
import dev.culvert.waypoint.forward.Calls;
import dev.culvert.waypoint.forward.LoopPools;
import dev.culvert.waypoint.forward.PoolSettings;
import dev.culvert.waypoint.forward.Probes;
import dev.culvert.waypoint.forward.TcpDialer;
import dev.culvert.waypoint.stream.DirectUpstream;
import dev.culvert.waypoint.stream.Upstream;
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
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.transport.Transport;
import dev.culvert.ztunnel.xds.AdsClient;
import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.xds.ResourceSink;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * This process as a part of the mesh: what the control plane tells it, the identity that it proves,
 * and its ways to endpoints.
 */
final class Member implements AutoCloseable {
  /** A revocation is awaited, and the file is small. */
  private static final Duration CRL_INTERVAL = Duration.ofSeconds(5);

  private final Self self;
  private final MeshStore mesh;
  private final Opened opened = new Opened();
  private final NodeCertificates certificates;
  private final AdsClient discovery;
  private final PodShare share;
  private final PodSockets sockets;
  private final WaypointTunnels tunnels;
  private final MeshDialer dialer;
  private final LoopPools connections;
  private final Inquiries inquiries;
  private final MeshBackends backends;

  /**
   * Connects nothing yet.
   *
   * @param className of the Gateway
   * @param told what the control plane is asked for before the mesh, by type URL
   * @throws IOException when root-cert cannot be read
   */
  Member(
      MemberConfig config,
      String className,
      Transport transport,
      EventLoopGroup workers,
      PoolSettings pools,
      MeterRegistry registry,
      Map<String, ResourceSink> told)
      throws IOException {
    this.self = config.self(className);
    this.mesh = new MeshStore(config.cluster(), config.network(), config.trustDomains());
    try {
      ControlPlane controlPlane =
          new ControlPlane(
              ServerTrust.of(config.rootCert()),
              NodeToken.at(config.tokenFile()),
              config.cluster(),
              config.tlsEngine().provider());
      Revocations revocations =
          opened.add(
              config
                  .identity()
                  .crl()
                  .map(file -> Revocations.of(file, CRL_INTERVAL, registry))
                  .orElseGet(Revocations::none));
      this.certificates = opened.add(certificates(config, controlPlane, revocations));
      this.discovery =
          opened.add(
              new AdsClient(
                  controlPlane, config.xdsAddress(), config.proxy(), mesh, registry, false, told));
      this.share =
          opened.add(new NodeLimits(config.limits(), registry).pod(config.gateway().name()));
      this.sockets = PodSockets.own(transport, share);
      Router router =
          new Router(
              mesh, workload -> Optional.empty(), () -> ThreadLocalRandom.current().nextLong());
      this.tunnels =
          new WaypointTunnels(
              self, mesh, sockets, new TunnelPools(workers, certificates, config.tunnels()));
      this.dialer = new MeshDialer(tunnels, new TcpDialer(transport, pools.connectTimeout()));
      this.connections = new LoopPools(workers, dialer, pools);
      Calls calls = new Calls(connections);
      this.inquiries = new Inquiries(calls, registry);
      this.backends =
          new MeshBackends(
              mesh,
              router,
              self,
              config.domain(),
              new Clusters(registry, new Probes(workers, calls, dialer)));
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private static NodeCertificates certificates(
      MemberConfig config, ControlPlane controlPlane, Revocations revocations) {
    return new NodeCertificates(
        controlPlane,
        config.caAddress(),
        new MeshTrust(config.trustDomains(), revocations),
        config.certificateTtl(),
        config.tlsEngine(),
        config.identity().postQuantum());
  }

  /** Connects, and stays connected until closed. */
  void start() {
    discovery.start();
    certificates.prefetch(self.identity());
  }

  /** What it still waits for; empty when it knows the mesh and itself and can prove who it is. */
  Optional<String> waitingFor() {
    if (!discovery.ready()) {
      return Optional.of("the first answer of the control plane");
    }
    if (self.workload(mesh).isEmpty()) {
      return Optional.of(
          "word of pod %s/%s from the control plane"
              .formatted(self.waypoint().namespace(), self.pod()));
    }
    return certificates.current(self.identity()).isEmpty()
        ? Optional.of("the certificate of " + self.identity())
        : Optional.empty();
  }

  Self self() {
    return self;
  }

  MeshStore mesh() {
    return mesh;
  }

  NodeCertificates certificates() {
    return certificates;
  }

  PodShare share() {
    return share;
  }

  PodSockets sockets() {
    return sockets;
  }

  /** Connections to endpoints that nobody looks into. */
  Upstream upstream() {
    return new MeshUpstream(mesh, tunnels, new DirectUpstream(dialer));
  }

  /** To endpoints. */
  LoopPools connections() {
    return connections;
  }

  /** Of those whom policies ask. */
  Inquiries inquiries() {
    return inquiries;
  }

  /** The services of the mesh. */
  MeshBackends backends() {
    return backends;
  }

  @Override
  public void close() {
    opened.close();
  }
}
