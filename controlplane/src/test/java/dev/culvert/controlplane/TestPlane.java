// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import dev.culvert.controlplane.access.CallerAuthentication;
import dev.culvert.controlplane.access.NodeTokens;
import dev.culvert.controlplane.ca.CertificateAuthority;
import dev.culvert.controlplane.ca.CertificateService;
import dev.culvert.controlplane.ca.RootStore;
import dev.culvert.controlplane.ca.ServingCertificate;
import dev.culvert.controlplane.discovery.DiscoveryService;
import dev.culvert.controlplane.discovery.DiscoverySnapshot;
import dev.culvert.controlplane.discovery.Snapshots;
import dev.culvert.controlplane.state.StateFolder;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The listener with its two services over what a test says is in the mesh. */
final class TestPlane implements AutoCloseable {
  static final TrustDomain DOMAIN = new TrustDomain("cluster.local");
  static final SpiffeId WEB = SpiffeId.workload(DOMAIN, "shop", "web");
  static final SpiffeId DB = SpiffeId.workload(DOMAIN, "shop", "db");
  static final Duration LIFE = Duration.ofHours(24);

  final MeterRegistry registry = new SimpleMeterRegistry();
  final Snapshots snapshots = new Snapshots(DiscoverySnapshot.EMPTY);

  private final Path folder;
  private final StateFolder state;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final DiscoveryService discovery = new DiscoveryService(snapshots, executor, registry);
  private final MeshListener listener;

  TestPlane(Path folder) {
    this(folder, 0);
  }

  TestPlane(Path folder, int port) {
    this.folder = folder;
    this.state = StateFolder.open(folder);
    CertificateAuthority authority = RootStore.open(state, DOMAIN, InstantSource.system());
    NodeTokens tokens = new NodeTokens(state);
    Map<String, Set<SpiffeId>> nodes = Map.of("one", Set.of(WEB), "two", Set.of(DB));
    tokens.refresh(nodes.keySet());
    this.listener =
        MeshListener.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
            new ServingCertificate(
                authority, List.of("127.0.0.1", "localhost"), LIFE, InstantSource.system()),
            new CallerAuthentication(tokens, registry),
            executor,
            List.of(
                new CertificateService(
                    authority, (node, id) -> nodes.get(node).contains(id), LIFE, registry),
                discovery));
  }

  TestClient client(String node) throws IOException {
    return clientWithToken(Files.readString(NodeTokens.file(folder, node)).strip());
  }

  TestClient clientWithToken(String token) throws IOException {
    return new TestClient(port(), folder.resolve(RootStore.CERTIFICATE), token);
  }

  int port() {
    return listener.port();
  }

  @Override
  public void close() {
    listener.refuse();
    discovery.close();
    listener.close(Duration.ofSeconds(10));
    executor.close();
    state.close();
  }
}
