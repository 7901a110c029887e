// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.policy.wire.security.Clause;
import dev.culvert.policy.wire.security.Rule;
import dev.culvert.policy.wire.security.Scope;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.NetworkAddress;
import dev.culvert.policy.wire.workload.Service;
import dev.culvert.policy.wire.workload.Workload;
import dev.culvert.tests.hostile.FakeControlPlane;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.util.List;

/** A ztunnel's stream of discovery, by which a test tells it resource for resource. */
record Feed(FakeControlPlane controlPlane, StreamObserver<DeltaDiscoveryResponse> stream) {
  static final String ADDRESS = "type.googleapis.com/istio.workload.Address";
  static final String AUTHORIZATION = "type.googleapis.com/istio.security.Authorization";

  /** The next stream that a ztunnel opens. */
  static Feed of(FakeControlPlane controlPlane) throws InterruptedException {
    return new Feed(controlPlane, controlPlane.nextStream());
  }

  void tell(String type, String nonce, Resource... resources) {
    stream.onNext(
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(type)
            .setNonce(nonce)
            .addAllResources(List.of(resources))
            .build());
  }

  void remove(String type, String nonce, String... names) {
    stream.onNext(
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(type)
            .setNonce(nonce)
            .addAllRemovedResources(List.of(names))
            .build());
  }

  void end() {
    stream.onCompleted();
  }

  /** Whether it takes that response. */
  boolean acknowledged(String type, String nonce) throws InterruptedException {
    return !answer(type, nonce).hasErrorDetail();
  }

  /** What it says against that response. */
  String rejection(String type, String nonce) throws InterruptedException {
    DeltaDiscoveryRequest answer = answer(type, nonce);
    assertThat(answer.hasErrorDetail()).as("rejected").isTrue();
    return answer.getErrorDetail().getMessage();
  }

  private DeltaDiscoveryRequest answer(String type, String nonce) throws InterruptedException {
    return controlPlane.nextRequest(
        request -> request.getTypeUrl().equals(type) && request.getResponseNonce().equals(nonce));
  }

  static Resource resource(String name, ByteString value) {
    return resource(name, ADDRESS, value);
  }

  private static Resource resource(String name, String type, ByteString value) {
    return Resource.newBuilder()
        .setName(name)
        .setVersion("1")
        .setResource(Any.newBuilder().setTypeUrl(type).setValue(value))
        .build();
  }

  static ByteString workload(String name, byte[] address, String... policies) {
    return Address.newBuilder()
        .setWorkload(
            Workload.newBuilder()
                .setUid("Kubernetes//Pod/mesh/" + name)
                .setName(name)
                .setNamespace("mesh")
                .setServiceAccount(name)
                .addAllAuthorizationPolicies(List.of(policies))
                .addAddresses(ByteString.copyFrom(address)))
        .build()
        .toByteString();
  }

  static Resource service(
      String namespace, String host, boolean canonical, NetworkAddress... addresses) {
    Service service =
        Service.newBuilder()
            .setName(host)
            .setNamespace(namespace)
            .setHostname(host)
            .setCanonical(canonical)
            .addAllAddresses(List.of(addresses))
            .build();
    return resource(
        namespace + "/" + host, Address.newBuilder().setService(service).build().toByteString());
  }

  static NetworkAddress address(String network, String address) {
    return NetworkAddress.newBuilder()
        .setNetwork(network)
        .setAddress(ByteString.copyFrom(InetAddress.ofLiteral(address).getAddress()))
        .build();
  }

  /** Allows everybody, to the workloads that name it. */
  static Resource policy(String namespace, String name) {
    Authorization policy =
        Authorization.newBuilder()
            .setNamespace(namespace)
            .setName(name)
            .setScope(Scope.WORKLOAD_SELECTOR)
            .addRules(Rule.newBuilder().addClauses(Clause.getDefaultInstance()))
            .build();
    return resource(namespace + "/" + name, AUTHORIZATION, policy.toByteString());
  }
}
