// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.discovery.TypeUrl.ADDRESS;
import static dev.culvert.controlplane.discovery.TypeUrl.AUTHORIZATION;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.rpc.Status;
import dev.culvert.controlplane.discovery.DiscoverySnapshot;
import dev.culvert.controlplane.discovery.ResourceSet;
import dev.culvert.policy.wire.discovery.AggregatedDiscoveryServiceGrpc;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.Workload;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.grpc.stub.ClientCalls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiscoveryServiceTest {
  @TempDir private Path folder;
  private TestPlane plane;
  private TestClient client;

  @BeforeEach
  void start() throws Exception {
    plane = new TestPlane(folder);
    client = plane.client("one");
  }

  @AfterEach
  void stop() {
    client.close();
    plane.close();
  }

  @Test
  void firstRequestGetsEverything() throws Exception {
    publish(List.of(workload("a", ""), workload("b", "")), List.of(policy("p")));
    TestStream stream = client.discovery();
    stream.subscribe(ADDRESS);
    DeltaDiscoveryResponse addresses = stream.response();
    stream.subscribe(AUTHORIZATION, "*");
    DeltaDiscoveryResponse policies = stream.response();

    assertThat(addresses.getTypeUrl()).isEqualTo(ADDRESS);
    assertThat(names(addresses)).containsExactly("a", "b");
    Address address = addresses.getResources(0).getResource().unpack(Address.class);
    assertThat(address.getWorkload().getName()).isEqualTo("a");
    assertThat(names(policies)).containsExactly("p");
    assertThat(policies.getNonce()).isNotEqualTo(addresses.getNonce()).isNotEmpty();
  }

  @Test
  void emptyMeshIsAnsweredToo() throws Exception {
    TestStream stream = client.discovery();
    stream.subscribe(ADDRESS);
    assertThat(stream.response().getResourcesList()).isEmpty();
    stream.subscribe(AUTHORIZATION);
    assertThat(stream.response().getTypeUrl()).isEqualTo(AUTHORIZATION);
  }

  @Test
  void onlyTheChangeIsPushed() throws Exception {
    publish(List.of(workload("a", ""), workload("b", "")), List.of());
    TestStream stream = subscribed();

    publish(List.of(workload("a", ""), workload("b", "node-2"), workload("c", "")), List.of());
    DeltaDiscoveryResponse changed = stream.response();
    assertThat(names(changed)).containsExactly("b", "c");
    assertThat(changed.getRemovedResourcesList()).isEmpty();
    stream.acknowledge(changed);

    publish(List.of(workload("b", "node-2")), List.of());
    DeltaDiscoveryResponse removed = stream.response();
    assertThat(names(removed)).isEmpty();
    assertThat(removed.getRemovedResourcesList()).containsExactly("a", "c");
  }

  @Test
  void sameContentIsNotPushedAgain() throws Exception {
    publish(List.of(workload("a", "")), List.of());
    TestStream stream = subscribed();
    publish(List.of(workload("a", "")), List.of());
    publish(List.of(workload("a", ""), workload("b", "")), List.of());
    assertThat(names(stream.response())).containsExactly("b");
  }

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
  void namedSubscriptionGetsWhatItNames() throws Exception {
    publish(List.of(workload("a", ""), workload("b", "")), List.of());
    TestStream stream = client.discovery();
    stream.subscribe(ADDRESS, "b", "nowhere");
    DeltaDiscoveryResponse first = stream.response();
    assertThat(names(first)).containsExactly("b");
    assertThat(first.getRemovedResourcesList()).containsExactly("nowhere");

    publish(List.of(workload("a", "x"), workload("b", "y"), workload("nowhere", "")), List.of());
    assertThat(names(stream.response())).containsExactly("b", "nowhere");
    publish(List.of(workload("a", "x"), workload("nowhere", "")), List.of());
    assertThat(stream.response().getRemovedResourcesList()).containsExactly("b");
  }

  @Test
  void nameIsFoundByAlias() throws Exception {
    publish(List.of(workload("a", "")), List.of());
    TestStream stream = client.discovery();
    stream.subscribe(ADDRESS, "/alias-of-a");
    assertThat(names(stream.response())).containsExactly("a");
    stream.subscribe(ADDRESS, "/alias-of-a");
    assertThat(names(stream.response())).containsExactly("a");
  }

  @Test
  void onDemandClientGetsNothingUnasked() throws Exception {
    publish(List.of(workload("a", ""), workload("b", "")), List.of());
    TestStream stream = client.discovery();
    stream.send(
        TestStream.request(ADDRESS)
            .addResourceNamesSubscribe("*")
            .addResourceNamesUnsubscribe("*"));
    assertThat(stream.response().getResourcesList()).isEmpty();
    stream.subscribe(ADDRESS, "a");
    assertThat(names(stream.response())).containsExactly("a");
  }

  @Test
  void unsubscribedNameIsSilent() throws Exception {
    publish(List.of(workload("a", ""), workload("b", "")), List.of());
    TestStream stream = client.discovery();
    stream.subscribe(ADDRESS, "a", "b");
    assertThat(names(stream.response())).containsExactly("a", "b");
    stream.send(TestStream.request(ADDRESS).addResourceNamesUnsubscribe("a"));
    stream.subscribe(ADDRESS, "b");
    assertThat(names(stream.response())).containsExactly("b");
    publish(List.of(workload("a", "x"), workload("b", "y")), List.of());
    assertThat(names(stream.response())).containsExactly("b");
  }

  @Test
  void rejectedResourceIsNotSentUntilItChanges() throws Exception {
    publish(List.of(workload("a", "")), List.of());
    TestStream stream = client.discovery();
    stream.subscribe(ADDRESS);
    stream.send(
        TestStream.request(ADDRESS)
            .setResponseNonce(stream.response().getNonce())
            .setErrorDetail(Status.newBuilder().setCode(3).setMessage("bad\nresource")));
    publish(List.of(workload("a", ""), workload("b", "")), List.of());
    assertThat(names(stream.response())).containsExactly("b");
    publish(List.of(workload("a", "node-2"), workload("b", "")), List.of());
    assertThat(names(stream.response())).containsExactly("a");
  }

  @Test
  void policyComesBeforeItsWorkloadAndGoesAfter() throws Exception {
    TestStream stream = subscribed();
    stream.subscribe(AUTHORIZATION);
    stream.response();

    publish(List.of(workload("a", "")), List.of(policy("p")));
    assertThat(names(stream.response())).containsExactly("p");
    assertThat(names(stream.response())).containsExactly("a");

    publish(List.of(workload("a", "node-2")), List.of());
    assertThat(names(stream.response())).containsExactly("a");
    assertThat(stream.response().getRemovedResourcesList()).containsExactly("p");
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

  @Test
  void slowReaderGetsTheNewestStateNotEveryStep() throws Exception {
    TestStream stream = subscribed();
    String big = "x".repeat(1 << 20);
    stream.pause();
    for (int i = 0; i < 50; i++) {
      publish(List.of(workload("a", big + i)), List.of());
    }
    stream.read();
    int responses = 0;
    String node;
    do {
      node =
          stream
              .response()
              .getResources(0)
              .getResource()
              .unpack(Address.class)
              .getWorkload()
              .getNode();
      responses++;
    } while (!node.equals(big + 49));
    assertThat(responses).isLessThan(25);
  }

  private TestStream subscribed() throws Exception {
    TestStream stream = client.discovery();
    stream.subscribe(ADDRESS);
    stream.acknowledge(stream.response());
    return stream;
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

  private void publish(List<Resource> addresses, List<Resource> policies) {
    plane.snapshots.publish(
        new DiscoverySnapshot(ResourceSet.of(addresses), ResourceSet.of(policies), Map.of()));
  }

  private static Resource workload(String name, String node) {
    Workload workload =
        Workload.newBuilder()
            .setName(name)
            .setNode(node)
            .addAddresses(ByteString.copyFrom(new byte[] {(byte) 198, 18, 0, 1}))
            .build();
    return ResourceSet.resource(
        ADDRESS,
        name,
        List.of("/alias-of-" + name),
        Address.newBuilder().setWorkload(workload).build());
  }

  private static Resource policy(String name) {
    return ResourceSet.resource(
        AUTHORIZATION, name, List.of(), Authorization.newBuilder().setName(name).build());
  }

  private static List<String> names(DeltaDiscoveryResponse response) {
    List<String> names = new ArrayList<>();
    response.getResourcesList().forEach(resource -> names.add(resource.getName()));
    return names;
  }
}
