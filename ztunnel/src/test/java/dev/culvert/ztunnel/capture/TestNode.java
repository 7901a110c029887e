// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.ztunnel.authz.PolicyAuthorizer;
import dev.culvert.ztunnel.authz.PolicyWatch;
import dev.culvert.ztunnel.hbone.TunnelPools;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.WorkloadCertificates;
import dev.culvert.ztunnel.inbound.Deliveries;
import dev.culvert.ztunnel.limits.NodeLimits;
import dev.culvert.ztunnel.limits.PodShare;
import dev.culvert.ztunnel.limits.TestLimits;
import dev.culvert.ztunnel.pairs.DirectPath;
import dev.culvert.ztunnel.route.KnownWorkloads;
import dev.culvert.ztunnel.route.Router;
import dev.culvert.ztunnel.route.Routes;
import dev.culvert.ztunnel.transport.PodNetwork;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.transport.Transport;
import dev.culvert.ztunnel.xds.Workload;
import dev.culvert.ztunnel.zds.Pod;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** One node's data path over loopback: a pod is an address, and captured by a table. */
final class TestNode implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final EventLoopGroup workers;
  private final PolicyWatch watch;
  private final NetworkNamespace netns;
  private final Map<String, PodSockets> local = new ConcurrentHashMap<>();
  private final List<PodListeners> listeners = new ArrayList<>();
  private final PodConnections connections = new PodConnections();
  private final RecordedTelemetry telemetry = new RecordedTelemetry();
  private final DataPath path;

  TestNode(
      Transport transport,
      int threads,
      TestMesh mesh,
      WorkloadCertificates certificates,
      TunnelSettings settings,
      Map<InetSocketAddress, InetSocketAddress> captured)
      throws Exception {
    this(
        transport,
        threads,
        mesh,
        certificates,
        settings,
        TestLimits.node(TestLimits.WIDE),
        captured);
  }

  TestNode(
      Transport transport,
      int threads,
      TestMesh mesh,
      WorkloadCertificates certificates,
      TunnelSettings settings,
      NodeLimits limits,
      Map<InetSocketAddress, InetSocketAddress> captured)
      throws Exception {
    this.workers = transport.workers(threads);
    this.netns = NetworkNamespace.current();
    PolicyAuthorizer authorizer = new PolicyAuthorizer(mesh);
    this.watch = new PolicyWatch(mesh, authorizer);
    this.path =
        new DataPath(
            transport,
            PodNetwork.STANDARD,
            workers,
            mesh,
            certificates,
            settings,
            limits,
            new TunnelPools(workers, certificates, settings),
            new Routes(
                new Router(mesh, w -> Optional.ofNullable(local.get(w.uid())), new Random(1)),
                Optional.empty(),
                PATIENCE),
            new KnownWorkloads(mesh, PATIENCE),
            new Deliveries(authorizer, watch, settings.connectTimeout()),
            DirectPath.NONE,
            telemetry,
            (pod, loop, upstream) -> new NoDns(),
            accepted -> captured.get(accepted.remoteAddress()),
            new AcceptQueues(),
            new DrainTimes(Duration.ofMillis(10), Duration.ZERO, Duration.ofMillis(10)));
  }

  PodSockets add(Workload workload) {
    Pod pod =
        new Pod(
            workload.uid(),
            workload.namespace(),
            workload.name(),
            workload.serviceAccount(),
            workload.identity(),
            netns);
    PodShare share = path.limits().pod(workload.uid());
    PodSockets sockets = new PodSockets(path.transport(), path.network(), netns, share);
    PodListeners own = new PodListeners(path, pod, sockets, share, connections);
    listeners.add(own);
    own.open(workload.addresses().getFirst()).join();
    local.put(workload.uid(), sockets);
    return sockets;
  }

  RecordedTelemetry telemetry() {
    return telemetry;
  }

  DataPath path() {
    return path;
  }

  PodConnections connections() {
    return connections;
  }

  int watched() {
    return watch.size();
  }

  @Override
  public void close() {
    listeners.forEach(PodListeners::close);
    connections.reset("the node ends");
    connections.closed().join();
    local.values().forEach(path.tunnels()::close);
    // Without a quiet time a loop drops what it reads for a channel that is still in its handshake.
    workers.shutdownGracefully(100, 5_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    watch.close();
    netns.close();
  }
}
