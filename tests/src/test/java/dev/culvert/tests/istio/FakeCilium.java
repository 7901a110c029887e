// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.istio;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.TunnelProtocol;
import dev.culvert.policy.wire.workload.Workload;
import io.grpc.Metadata;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * Discovery and CA of Cilium's agent (pkg/ztunnel/xds): on its node's loopback only; it tells of
 * pods by their address and account, knows no policies and no versions, and asks for no token.
 */
public final class FakeCilium implements AutoCloseable {
  public static final int PORT = 15012;

  private static final String ADDRESS = "type.googleapis.com/istio.workload.Address";
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final AmbientServer server;

  /**
   * Listens on the node.
   *
   * @param endpoints the pods of all nodes
   */
  public FakeCilium(LabNode node, CiliumSecrets secrets, List<LabPod> endpoints)
      throws IOException {
    this.server =
        new AmbientServer(
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), PORT),
            () -> socket(node),
            SslContextBuilder.forServer(secrets.bootstrapKeys().getPrivate(), secrets.bootstrap()),
            new Answers(secrets, endpoints.stream().map(FakeCilium::workload).toList()));
  }

  private static NioServerSocketChannel socket(LabNode node) {
    try {
      return node.place().call(NioServerSocketChannel::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** That calls showed, though nobody asked. */
  public List<String> tokens() {
    return server.calls().stream()
        .map(headers -> headers.get(AUTHORIZATION))
        .filter(Objects::nonNull)
        .toList();
  }

  /** Why its client would not take what it was told. */
  public List<String> rejections() {
    return server.rejections().stream()
        .map(request -> request.getErrorDetail().getMessage())
        .toList();
  }

  /** The identities that were signed for. */
  public List<String> signed() throws IOException {
    List<String> identities = new ArrayList<>();
    for (IstioCertificateRequest request : server.signed()) {
      identities.add(CiliumSecrets.identity(request.getCsr()));
    }
    return identities;
  }

  private static Resource workload(LabPod pod) {
    Workload workload =
        Workload.newBuilder()
            .setUid(uid(pod))
            .setName(pod.name())
            .setNamespace("mesh")
            .setServiceAccount(pod.name())
            .setNode(pod.node().ip4())
            .setTunnelProtocol(TunnelProtocol.HBONE)
            .addAddresses(bytes(pod.ip4()))
            .addAddresses(bytes(pod.ip6()))
            .build();
    ByteString address = Address.newBuilder().setWorkload(workload).build().toByteString();
    return Resource.newBuilder()
        .setName(workload.getUid())
        .setResource(Any.newBuilder().setTypeUrl(ADDRESS).setValue(address))
        .build();
  }

  /** What discovery and ZDS both call the pod. */
  public static String uid(LabPod pod) {
    return UUID.nameUUIDFromBytes(pod.name().getBytes(UTF_8)).toString();
  }

  private static ByteString bytes(String address) {
    return ByteString.copyFrom(InetAddress.ofLiteral(address).getAddress());
  }

  @Override
  public void close() {
    server.close();
  }

  private record Answers(CiliumSecrets secrets, List<Resource> workloads)
      implements AmbientServer.Answers {
    @Override
    public List<Resource> resources(String type) {
      return type.equals(ADDRESS) ? workloads : List.of();
    }

    @Override
    public List<String> sign(String request) throws IOException {
      return secrets.sign(request);
    }
  }
}
