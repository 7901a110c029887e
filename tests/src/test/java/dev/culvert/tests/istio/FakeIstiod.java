// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.istio;

import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.tests.hostile.CertificateAuthority;
import dev.culvert.tests.hostile.PeerCertificate;
import dev.culvert.tests.hostile.SigningService;
import io.grpc.Metadata;
import io.netty.channel.ChannelFactory;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Discovery and CA as istiod has them; it remembers who asked for what. */
public final class FakeIstiod implements AutoCloseable {
  private static final Metadata.Key<String> AUTHORIZATION = key("authorization");
  private static final Metadata.Key<String> CLUSTER = key("clusterid");

  /** What a call showed of its caller. */
  public record Caller(String authorization, String cluster) {}

  private final AmbientServer server;

  /**
   * Listens.
   *
   * @param name in its certificate
   * @param resources by their type URL
   */
  public FakeIstiod(
      InetSocketAddress address,
      ChannelFactory<NioServerSocketChannel> sockets,
      CertificateAuthority authority,
      String name,
      Map<String, List<Resource>> resources)
      throws IOException {
    PeerCertificate own = authority.issueServer(name);
    this.server =
        new AmbientServer(
            address,
            sockets,
            SslContextBuilder.forServer(own.key(), own.leaf(), own.root()),
            new Answers(authority, Map.copyOf(resources)));
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** Of every call. */
  public List<Caller> callers() {
    return server.calls().stream()
        .map(
            headers ->
                new Caller(
                    String.valueOf(headers.get(AUTHORIZATION)),
                    String.valueOf(headers.get(CLUSTER))))
        .toList();
  }

  /** The first request of each stream, which says who asks. */
  public List<DeltaDiscoveryRequest> firstRequests() {
    return server.firstRequests();
  }

  /** What clients would not take. */
  public List<DeltaDiscoveryRequest> rejections() {
    return server.rejections();
  }

  /** The identities that were signed for. */
  public List<String> signed() {
    return server.signed().stream().map(SigningService::identity).toList();
  }

  /** For how long certificates were asked. */
  public List<Duration> lifetimes() {
    return server.signed().stream()
        .map(request -> Duration.ofSeconds(request.getValidityDuration()))
        .toList();
  }

  @Override
  public void close() {
    server.close();
  }

  private record Answers(CertificateAuthority authority, Map<String, List<Resource>> told)
      implements AmbientServer.Answers {
    @Override
    public List<Resource> resources(String type) {
      return told.getOrDefault(type, List.of());
    }

    @Override
    public List<String> sign(String request) throws IOException {
      return authority.sign(request);
    }
  }
}
