// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.culvert.cli.lab.LabHttp;
import dev.culvert.cli.lab.LabMesh;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.linux.Fd;
import dev.culvert.linux.NetworkNamespace;
import dev.culvert.linux.NioDescriptors;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.Workload;
import dev.culvert.tests.hostile.CertificateAuthority;
import dev.culvert.tests.hostile.FakeAgent;
import dev.culvert.tests.hostile.FakeAgent.Session;
import dev.culvert.tests.hostile.FakeControlPlane;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshProcess;
import dev.culvert.tests.mesh.Root;
import io.grpc.stub.StreamObserver;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A ztunnel between a false agent and a false controlplane: nonsense from either breaks nothing and
 * leaks nothing.
 */
@Root
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class LoneZtunnelTest {
  private static final String ADDRESS = "type.googleapis.com/istio.workload.Address";
  private static final String AUTHORIZATION = "type.googleapis.com/istio.security.Authorization";
  private static final byte[] UNKNOWN_FIELD_100 = {(byte) 0xa2, 0x06, 0x00};
  private static final InetSocketAddress CONTROL =
      new InetSocketAddress("198.18.0.250", LabMesh.CONTROL_PORT);

  @TempDir private static Path folder;
  private static Mesh mesh;
  private static LabNode node;
  private static FakeAgent agent;
  private static FakeControlPlane controlPlane;
  private static MeshProcess ztunnel;
  private static StreamObserver<DeltaDiscoveryResponse> discovery;

  private Session session;

  @BeforeAll
  static void start() throws Exception {
    mesh = Mesh.withoutProcesses();
    node = mesh.lab().nodes().get(Mesh.NODE_1);
    agent = FakeAgent.listen(node.zdsSocket());
    CertificateAuthority authority = CertificateAuthority.alone();
    controlPlane = FakeControlPlane.start(CONTROL, LoneZtunnelTest::serverSocket, authority);
    Path root = Files.writeString(folder.resolve("root.pem"), authority.pem());
    Path token = Files.writeString(folder.resolve("token"), "any");
    LabMesh processes = new LabMesh(mesh.lab());
    Map<String, String> more = Map.of("root-cert", root.toString(), "token-file", token.toString());
    ztunnel =
        MeshProcess.start(
            () -> processes.startZtunnel(node, more),
            process -> processes.awaitZtunnel(node, process));
    discovery = controlPlane.nextStream();
    respond(ADDRESS, "1");
    respond(AUTHORIZATION, "1");
  }

  private static NioServerSocketChannel serverSocket() {
    try {
      return mesh.lab().control().call(NioServerSocketChannel::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterAll
  static void stop() throws Exception {
    if (controlPlane != null) {
      controlPlane.close();
    }
    if (agent != null) {
      agent.close();
    }
    if (mesh != null) {
      mesh.close();
    }
  }

  @BeforeEach
  void connect() throws Exception {
    session = agent.accept();
    assertThat(session.ask(FakeAgent.snapshotSent())).isEmpty();
    ztunnel.awaitReady();
  }

  /** It reconnects for the next one, or this could not begin. */
  @AfterEach
  void hangUp() {
    session.close();
  }

  @Test
  void packetsThatAreNoRequests() throws Exception {
    byte[] noise = new byte[500];
    new SplittableRandom(3).nextBytes(noise);
    refusedWithoutLeak(noise);
  }

  @Test
  void requestOfUnknownKind() throws Exception {
    refusedWithoutLeak(UNKNOWN_FIELD_100);
  }

  @Test
  void podWithoutNamespace() throws Exception {
    refusedWithoutLeak(FakeAgent.add("uid-1", "client").toByteArray());
  }

  @Test
  void podWithTwoNamespaces() throws Exception {
    try (NetworkNamespace pod = podNamespace()) {
      refusedWithoutLeak(FakeAgent.add("uid-1", "client").toByteArray(), pod.fd(), pod.fd());
    }
  }

  @Test
  void requestThatShouldBringNoDescriptor() throws Exception {
    try (NetworkNamespace pod = podNamespace()) {
      refusedWithoutLeak(FakeAgent.snapshotSent().toByteArray(), pod.fd());
    }
  }

  @Test
  void descriptorThatIsNoNamespace() throws Exception {
    try (DatagramChannel socket = DatagramChannel.open()) {
      Fd borrowed = Fd.own(NioDescriptors.fd(socket));
      refusedWithoutLeak(FakeAgent.add("uid-1", "client").toByteArray(), borrowed);
    }
  }

  @Test
  void packetLongerThanAnyRequest() throws Exception {
    refusedWithoutLeak(FakeAgent.add("u".repeat(60_000), "client").toByteArray());
  }

  @Test
  void podComesAndGoesWithoutLeak() throws Exception {
    try (NetworkNamespace pod = podNamespace()) {
      comeAndGo(pod);
      long before = ztunnel.settledDescriptors();
      for (int i = 0; i < 10; i++) {
        comeAndGo(pod);
      }
      ztunnel.awaitDescriptors(before);
    }
  }

  private void comeAndGo(NetworkNamespace pod) throws IOException {
    assertThat(session.ask(FakeAgent.add("uid-1", "client"), pod.fd())).isEmpty();
    assertThat(session.ask(FakeAgent.delete("uid-1"))).isEmpty();
  }

  @Test
  void resourceThatCannotBeDecodedIsRejectedAloneByName() throws Exception {
    respond(
        ADDRESS,
        "2",
        resource("broken", ByteString.copyFromUtf8("\u0007 not a protobuf")),
        resource("good", workload("survivor", new byte[] {(byte) 198, 18, 9, 9})));
    assertThat(rejection(ADDRESS, "2")).contains("broken").doesNotContain("good");
    assertThat(configDump()).contains("survivor");
  }

  @Test
  void workloadWithImpossibleAddressIsRejectedByName() throws Exception {
    respond(ADDRESS, "3", resource("five-bytes", workload("five-bytes", new byte[5])));
    assertThat(rejection(ADDRESS, "3")).contains("five-bytes");
    assertThat(configDump()).doesNotContain("five-bytes");
  }

  @Test
  void resourceOfAnotherTypeIsRejectedByName() throws Exception {
    respond(
        AUTHORIZATION, "4", resource("misplaced", workload("misplaced", new byte[] {1, 2, 3, 4})));
    assertThat(rejection(AUTHORIZATION, "4")).contains("misplaced");
  }

  private void refusedWithoutLeak(byte[] packet, Fd... descriptors) throws Exception {
    long before = ztunnel.settledDescriptors();
    for (int i = 0; i < 10; i++) {
      if (session.ask(packet, descriptors).equals(Session.CLOSED)) {
        session.close();
        session = agent.accept();
        assertThat(session.ask(FakeAgent.snapshotSent())).isEmpty();
      } else {
        assertThat(session.ask(packet, descriptors)).isNotEmpty();
      }
    }
    ztunnel.awaitDescriptors(before);
    ztunnel.awaitReady();
  }

  private static NetworkNamespace podNamespace() throws IOException {
    return NetworkNamespace.open(mesh.lab().pods().get("client").netnsFile());
  }

  private static void respond(String type, String nonce, Resource... resources) {
    discovery.onNext(
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(type)
            .setNonce(nonce)
            .addAllResources(List.of(resources))
            .build());
  }

  private static String rejection(String type, String nonce) throws InterruptedException {
    DeltaDiscoveryRequest answer =
        controlPlane.nextRequest(
            request ->
                request.getTypeUrl().equals(type) && request.getResponseNonce().equals(nonce));
    assertThat(answer.hasErrorDetail()).as("rejected").isTrue();
    return answer.getErrorDetail().getMessage();
  }

  private static Resource resource(String name, ByteString value) {
    return Resource.newBuilder()
        .setName(name)
        .setVersion("1")
        .setResource(Any.newBuilder().setTypeUrl(ADDRESS).setValue(value))
        .build();
  }

  private static ByteString workload(String name, byte[] address) {
    return Address.newBuilder()
        .setWorkload(
            Workload.newBuilder()
                .setUid("Kubernetes//Pod/mesh/" + name)
                .setName(name)
                .setNamespace("mesh")
                .addAddresses(ByteString.copyFrom(address)))
        .build()
        .toByteString();
  }

  private static String configDump() throws IOException {
    return LabHttp.get(node.place(), 15000, "/config_dump").body();
  }
}
