// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import com.google.rpc.Status;
import dev.culvert.policy.wire.authz.AttributeContext;
import dev.culvert.policy.wire.authz.AuthorizationGrpc;
import dev.culvert.policy.wire.authz.CheckRequest;
import dev.culvert.policy.wire.authz.CheckResponse;
import dev.culvert.policy.wire.authz.HeaderValue;
import dev.culvert.policy.wire.authz.HeaderValueOption;
import dev.culvert.policy.wire.authz.OkHttpResponse;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Transports;
import dev.culvert.waypoint.peers.Wire;
import dev.culvert.ztunnel.transport.Transport;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** A door whose policies of action CUSTOM ask a provider of gRPC (grpc-java) or of HTTP. */
abstract class AskedProviderCase {
  static final String TARGET =
      "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: door}]";

  @Parameter Transport transport;
  @TempDir private Path folder;

  final List<AttributeContext> asked = new CopyOnWriteArrayList<>();
  Function<AttributeContext, CheckResponse> opinion = context -> allowed();
  Server provider;
  private Backend httpProvider;
  Backend backend;
  TestDoor door;

  static List<Transport> transports() {
    return Transports.all();
  }

  @BeforeEach
  final void start() throws IOException {
    backend = Backend.echo();
    provider =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Authorizer())
            .build()
            .start();
    door = new TestDoor(folder);
    door.writeGateway("door", "*.example.com", "shop.example.com");
    door.write("web.yaml", TestDoor.service("shop", "web", backend));
    door.write("authz.yaml", TestDoor.service("security", "authz", provider.getPort()));
  }

  @AfterEach
  final void stop() {
    door.close();
    backend.close();
    provider.shutdownNow();
    if (httpProvider != null) {
      httpProvider.close();
    }
  }

  private final class Authorizer extends AuthorizationGrpc.AuthorizationImplBase {
    @Override
    public void check(CheckRequest request, StreamObserver<CheckResponse> told) {
      asked.add(request.getAttributes());
      CheckResponse response = opinion.apply(request.getAttributes());
      if (response != null) {
        told.onNext(response);
        told.onCompleted();
      }
    }
  }

  static CheckResponse allowed() {
    return CheckResponse.newBuilder().setStatus(Status.getDefaultInstance()).build();
  }

  static CheckResponse allowed(OkHttpResponse.Builder how) {
    return allowed().toBuilder().setOkResponse(how).build();
  }

  static CheckResponse denied() {
    return CheckResponse.newBuilder().setStatus(Status.newBuilder().setCode(7)).build();
  }

  static HeaderValueOption.Builder field(String name, String value) {
    return HeaderValueOption.newBuilder()
        .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value));
  }

  /** Opens the door, with policies that ask the provider for everything below /ask. */
  private void open(String settings, String... policies) throws IOException {
    door.write(
        "mesh.yaml",
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: istio, namespace: istio-system}
        data:
          mesh: |
            accessLogFile: /dev/stdout
            extensionProviders:
              - name: traces
                zipkin: {service: zipkin.tracing.svc.cluster.local, port: 9411}
              - name: authz
                %s
        """
            .formatted(settings));
    door.write(
        "policy.yaml",
        TestDoor.policy(
                "shop",
                "ask",
                TARGET
                    + ", action: CUSTOM, provider: {name: authz}"
                    + ", rules: [{to: [{operation: {paths: ['/ask*']}}]}]")
            + String.join("", policies));
    door.openWith(Map.of("transport", transport.name().replace('_', '-')));
  }

  final void openGrpc(String more, String... policies) throws IOException {
    open(
        "envoyExtAuthzGrpc: {service: authz.security.svc.cluster.local, port: 80%s}"
            .formatted(more),
        policies);
  }

  final void openHttp(Backend.Script script, String more) throws IOException {
    httpProvider = Backend.of(script);
    door.write("authz.yaml", TestDoor.service("security", "authz", httpProvider));
    open(
        "envoyExtAuthzHttp: {service: authz.security.svc.cluster.local, port: 80%s}"
            .formatted(more));
  }

  final Wire.Message ask(String method, String path, String... fields) throws IOException {
    return door.askHost("shop.example.com", method, path, fields);
  }

  final Wire.Message post(String path, String body) throws IOException {
    try (Wire wire = door.connect()) {
      wire.send(
          "POST %s HTTP/1.1\r\nHost: shop.example.com\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(path, body.length(), body));
      return wire.read();
    }
  }
}
