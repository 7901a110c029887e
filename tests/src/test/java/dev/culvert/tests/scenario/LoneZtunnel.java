// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.lab.LabHttp;
import dev.culvert.cli.lab.LabMesh;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.zds.WorkloadRequest;
import dev.culvert.tests.hostile.CertificateAuthority;
import dev.culvert.tests.hostile.FakeAgent;
import dev.culvert.tests.hostile.FakeControlPlane;
import dev.culvert.tests.hostile.SigningDesk;
import dev.culvert.tests.istio.IstioRules;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshProcess;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The only process of Culvert in a mesh: the test is its agent, its controlplane and its CA. The
 * client's connections come to it by rules of the packet filter.
 */
final class LoneZtunnel implements AutoCloseable {
  private static final InetSocketAddress CONTROL =
      new InetSocketAddress("198.18.0.250", LabMesh.CONTROL_PORT);

  private final Mesh mesh;
  private final LabNode node;
  private final String transport;
  private final CertificateAuthority authority = CertificateAuthority.alone();
  private FakeAgent agent;
  private FakeControlPlane controlPlane;
  private MeshProcess process;
  private Feed feed;
  private FakeAgent.Session session;

  private LoneZtunnel(Mesh mesh, String transport) {
    this.mesh = mesh;
    this.node = mesh.lab().nodes().get(Mesh.NODE_1);
    this.transport = transport;
  }

  /** Starts it on that transport, or closes what it had started. */
  static LoneZtunnel start(String transport) throws Exception {
    LoneZtunnel lone = new LoneZtunnel(Mesh.withoutProcesses(), transport);
    try {
      lone.start();
      return lone;
    } catch (Exception | Error e) {
      lone.close();
      throw e;
    }
  }

  private void start() throws Exception {
    agent = FakeAgent.listen(node.zdsSocket());
    controlPlane = FakeControlPlane.start(CONTROL, this::serverSocket, authority);
    Path folder = mesh.lab().layout().directory();
    Path root = Files.writeString(folder.resolve("root.pem"), authority.pem());
    Path token = Files.writeString(folder.resolve("token"), "any");
    Map<String, String> settings = new HashMap<>();
    settings.put("root-cert", root.toString());
    settings.put("token-file", token.toString());
    settings.put("transport", transport);
    settings.put("dns-preferred-namespace", "preferred");
    LabMesh processes = new LabMesh(mesh.lab());
    process =
        MeshProcess.start(
            () -> processes.startZtunnel(node, settings),
            started -> processes.awaitZtunnel(node, started));
    feed = Feed.of(controlPlane);
    feed.tell(Feed.ADDRESS, "1");
    feed.tell(Feed.AUTHORIZATION, "1");
    IstioRules.apply(mesh.lab(), mesh.lab().pods().get("client"));
  }

  private NioServerSocketChannel serverSocket() {
    try {
      return mesh.lab().control().call(NioServerSocketChannel::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes its next connection to the agent, and tells it that there are no pods but these. */
  void connect(WorkloadRequest... pods) throws Exception {
    session = agent.accept();
    for (WorkloadRequest pod : pods) {
      assertThat(session.ask(pod)).isEmpty();
    }
    assertThat(session.ask(FakeAgent.snapshotSent())).isEmpty();
    process.awaitReady();
  }

  /** Ends that connection. */
  void hangUp() {
    session.close();
  }

  /** Ends its stream of discovery; what it asks first on the next one. */
  DeltaDiscoveryRequest reconnected() throws InterruptedException {
    feed.end();
    feed = Feed.of(controlPlane);
    return controlPlane.nextRequest(request -> request.getTypeUrl().equals(Feed.ADDRESS));
  }

  Mesh mesh() {
    return mesh;
  }

  String transport() {
    return transport;
  }

  CertificateAuthority authority() {
    return authority;
  }

  SigningDesk desk() {
    return controlPlane.desk();
  }

  MeshProcess process() {
    return process;
  }

  Feed feed() {
    return feed;
  }

  FakeAgent.Session session() {
    return session;
  }

  NetworkNamespace clientNamespace() throws IOException {
    return NetworkNamespace.open(mesh.lab().pods().get("client").netnsFile());
  }

  String configDump() throws IOException {
    return LabHttp.get(node.place(), 15000, "/config_dump").body();
  }

  String metrics() throws IOException {
    return LabHttp.get(node.place(), 15020, "/metrics").body();
  }

  @Override
  public void close() throws IOException {
    if (controlPlane != null) {
      controlPlane.close();
    }
    if (agent != null) {
      agent.close();
    }
    mesh.close();
  }
}
