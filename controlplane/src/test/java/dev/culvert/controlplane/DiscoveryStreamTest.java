// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.discovery.TypeUrl.ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.wire.discovery.AggregatedDiscoveryServiceGrpc;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.discovery.Resource;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.grpc.stub.ClientCalls;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Streams that are made anew, malformed or refused. */
final class DiscoveryStreamTest extends DiscoveryCase {
  @Test
  void reconnectGetsOnlyDifferences() throws Exception {
    publish(List.of(workload("a", ""), workload("b", ""), workload("c", "")), List.of());
    TestStream before = client.discovery();
    before.subscribe(ADDRESS);
    Map<String, String> versions = new HashMap<>();
    before.response().getResourcesList().forEach(r -> versions.put(r.getName(), r.getVersion()));
    before.cancel();

    publish(List.of(workload("a", ""), workload("b", "node-2"), workload("d", "")), List.of());
    TestStream after = client.discovery();
    after.resume(ADDRESS, versions);
    DeltaDiscoveryResponse response = after.response();
    assertThat(names(response)).containsExactly("b", "d");
    assertThat(response.getRemovedResourcesList()).containsExactly("c");
  }

  @Test
  void reconnectAfterRestartGetsNothingTwice() throws Exception {
    publish(List.of(workload("a", "")), List.of());
    TestStream before = client.discovery();
    before.subscribe(ADDRESS);
    Resource held = before.response().getResources(0);
    int port = plane.port();
    plane.close();
    assertThat(before.end().getCode()).isEqualTo(Code.UNAVAILABLE);

    plane = new TestPlane(folder, port);
    publish(List.of(workload("a", "")), List.of());
    TestStream after = client.discovery();
    after.resume(ADDRESS, Map.of("a", held.getVersion()));
    assertThat(after.response().getResourcesList()).isEmpty();
  }

  @Test
  void unknownTypeIsAnsweredEmpty() throws Exception {
    TestStream stream = client.discovery();
    stream.subscribe("type.googleapis.com/unknown.Type");
    DeltaDiscoveryResponse answer = stream.response();
    assertThat(answer.getTypeUrl()).isEqualTo("type.googleapis.com/unknown.Type");
    assertThat(answer.getResourcesList()).isEmpty();
    stream.subscribe(ADDRESS);
    assertThat(stream.response().getTypeUrl()).isEqualTo(ADDRESS);
  }

  @Test
  void malformedRequestEndsItsStreamOnly() throws Exception {
    TestStream good = subscribed();
    TestStream untyped = client.discovery();
    untyped.subscribe("");
    assertThat(untyped.end().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
    TestStream many = client.discovery();
    for (int i = 0; i < 17; i++) {
      many.subscribe("type-" + i);
    }
    for (int i = 0; i < 16; i++) {
      assertThat(many.response().getTypeUrl()).isEqualTo("type-" + i);
    }
    assertThat(many.end().getDescription()).contains("more than 16 type URLs");
    sendGarbage();

    publish(List.of(workload("a", "")), List.of());
    assertThat(names(good.response())).containsExactly("a");
  }

  @Test
  void callerWithoutTokenRefused() throws Exception {
    for (String token : List.of("", "wrong")) {
      try (TestClient stranger = plane.clientWithToken(token)) {
        TestStream stream = stranger.discovery();
        stream.subscribe(ADDRESS);
        assertThat(stream.end().getCode()).isEqualTo(Code.UNAUTHENTICATED);
      }
    }
  }

  private void sendGarbage() {
    MethodDescriptor<byte[], byte[]> raw =
        RawBytes.of(AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod());
    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(
                () ->
                    ClientCalls.blockingUnaryCall(
                        client.channel(),
                        raw,
                        io.grpc.CallOptions.DEFAULT,
                        new byte[] {(byte) 0xff, 1, 2})))
        .isInstanceOf(io.grpc.StatusRuntimeException.class);
  }
}
