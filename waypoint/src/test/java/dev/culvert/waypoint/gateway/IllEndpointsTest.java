// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Wire;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Endpoints that a TrafficPolicy has left out: set aside by their answers, or ill by health checks.
 */
@Timeout(120)
final class IllEndpointsTest extends PolicyCase {
  private int status(String path) {
    try {
      return door.ask("GET", path).status();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String grpcCheck(String service) {
    // A busy machine may take longer for its first call than the second that is the default.
    return "healthCheck: {interval: 20ms, timeout: 30s, grpc: {service: %s}}".formatted(service);
  }

  /** The health service of gRPC, which knows shop.Web and no other. */
  private static Server healthServer() throws IOException {
    MethodDescriptor<byte[], byte[]> check =
        MethodDescriptor.newBuilder(new Bytes(), new Bytes())
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("grpc.health.v1.Health/Check")
            .build();
    byte[] known = ByteString.copyFromUtf8("\n\010shop.Web").toByteArray();
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .addService(
            ServerServiceDefinition.builder("grpc.health.v1.Health")
                .addMethod(
                    check,
                    ServerCalls.asyncUnaryCall(
                        (request, told) -> {
                          boolean serves = Arrays.equals(request, known);
                          told.onNext(new byte[] {8, (byte) (serves ? 1 : 3)});
                          told.onCompleted();
                        }))
                .build())
        .build()
        .start();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Whether checks came out so. */
  private boolean isTold(String outcome) {
    try {
      return door.metrics()
          .lines()
          .anyMatch(
              line ->
                  line.startsWith("culvert_health_checks_total")
                      && line.contains("outcome=\"" + outcome + "\"")
                      && !line.endsWith("} 0")
                      && !line.endsWith("} 0.0"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether so many of ten requests go there. */
  private boolean served(Backend to, int times) {
    to.requests().clear();
    for (int i = 0; i < 10; i++) {
      assertThat(status("/")).isEqualTo(200);
    }
    return to.requests().size() == times;
  }

  /** One that is asked whether it is well, and remembers all other requests. */
  private static Backend checked(AtomicBoolean well) throws IOException {
    Backend[] self = new Backend[1];
    self[0] =
        Backend.of(
            wire -> {
              while (true) {
                Wire.Message request = wire.read();
                boolean health = request.line().contains("/healthz");
                if (!health) {
                  self[0].requests().add(request);
                }
                wire.send(
                    "HTTP/1.1 %s\r\ncontent-length: 0\r\n\r\n"
                        .formatted(!health || well.get() ? "200 OK" : "503 Ill"));
              }
            });
    return self[0];
  }

  @Test
  void outlierDetection() throws IOException {
    Backend bad = answering("HTTP/1.1 500 Oops");
    Backend good = echo();
    open(
        """
        loadBalancing: {algorithm: RoundRobin}
        outlierDetection: {consecutive5xxErrors: 3, baseEjectionTime: 1h, maxEjectionTime: 1h}
        """,
        bad,
        good);
    Await.until("it is set aside", () -> bad.requests().size() == 3 || status("/") == 0);
    ask(10);
    assertThat(bad.requests()).hasSize(3);
    assertThat(door.metrics())
        .contains(
            "culvert_endpoint_ejections_total{destination_service_name=\"web\","
                + "destination_service_namespace=\"shop\"} 1");
  }

  @Test
  void endpointThatIsGoneIsSetAside() throws IOException {
    Backend gone = Backend.echo();
    gone.close();
    Backend good = echo();
    open(
        """
        loadBalancing: {algorithm: RoundRobin}
        outlierDetection: {consecutiveGatewayErrors: 2, baseEjectionTime: 1h, maxEjectionTime: 1h}
        retries: {attempts: 1}
        """,
        gone,
        good);
    ask(10);
    assertThat(door.metrics()).contains("destination_service_namespace=\"shop\"} 1");
    assertThat(good.requests()).hasSize(10);
  }

  @Test
  void illEndpointGetsNothingUntilItIsWell() throws IOException {
    AtomicBoolean well = new AtomicBoolean();
    Backend sick = backend(checked(well));
    Backend good = backend(checked(new AtomicBoolean(true)));
    open(
        """
        loadBalancing: {algorithm: RoundRobin}
        healthCheck: {interval: 20ms, unhealthyThreshold: 1, healthyThreshold: 1, http: {path: /healthz}}
        """,
        sick,
        good);
    Await.until("it is known to be ill", () -> served(good, 10));
    well.set(true);
    Await.until("it is known to be well", () -> served(sick, 5));
    assertThat(door.metrics()).contains("culvert_health_checks_total", "outcome=\"bad\"");
  }

  @Test
  void endpointWithoutAListenerIsIll() throws IOException {
    Backend gone = Backend.echo();
    gone.close();
    Backend good = echo();
    open(
        """
        loadBalancing: {algorithm: RoundRobin}
        healthCheck: {interval: 20ms, unhealthyThreshold: 1, tcp: {}}
        retries: {attempts: 0}
        """,
        gone,
        good);
    Await.until("it is known", () -> isTold("bad"));
    ask(10);
    assertThat(good.requests()).hasSize(10);
  }

  @Test
  void healthIsAskedByCall() throws IOException {
    Server server = healthServer();
    try {
      door.write("web.yaml", TestDoor.service("shop", "web", server.getPort()));
      door.write("policy.yaml", TestDoor.traffic(grpcCheck("shop.Web")));
      door.writeGateway("door", "*.example.com", "a.example.com");
      door.openWith(Map.of());
      Await.until("it serves", () -> isTold("good"));
      assertThat(isTold("bad")).isFalse();
      door.write("policy.yaml", TestDoor.traffic(grpcCheck("shop.Other")));
      Await.until("it does not know the other", () -> isTold("bad"));
    } finally {
      server.shutdownNow();
    }
  }
}
