// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.culvert.policy.wire.discovery.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceStub;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One delta stream, read message by message. */
final class TestStream
    implements ClientResponseObserver<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
  private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
  private ClientCallStreamObserver<DeltaDiscoveryRequest> out;
  private volatile boolean paused;

  static TestStream open(AggregatedDiscoveryServiceStub stub) {
    TestStream stream = new TestStream();
    stub.deltaAggregatedResources(stream);
    return stream;
  }

  void send(DeltaDiscoveryRequest.Builder request) {
    out.onNext(request.build());
  }

  void subscribe(String type, String... names) {
    send(request(type).addAllResourceNamesSubscribe(List.of(names)));
  }

  void resume(String type, Map<String, String> versions) {
    send(request(type).putAllInitialResourceVersions(versions));
  }

  void acknowledge(DeltaDiscoveryResponse response) {
    send(request(response.getTypeUrl()).setResponseNonce(response.getNonce()));
  }

  DeltaDiscoveryResponse response() throws InterruptedException {
    return event() instanceof DeltaDiscoveryResponse response ? response : fail("stream ended");
  }

  Status end() throws InterruptedException {
    return event() instanceof Status status ? status : fail("stream goes on");
  }

  void cancel() {
    out.cancel("test", null);
  }

  /** Reads no more than what is on its way already. */
  void pause() {
    paused = true;
  }

  void read() {
    paused = false;
    out.request(1);
  }

  static DeltaDiscoveryRequest.Builder request(String type) {
    return DeltaDiscoveryRequest.newBuilder().setTypeUrl(type);
  }

  private Object event() throws InterruptedException {
    Object event = events.poll(30, TimeUnit.SECONDS);
    assertThat(event).as("a message from the control plane").isNotNull();
    return event;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<DeltaDiscoveryRequest> requests) {
    out = requests;
    requests.disableAutoRequestWithInitial(1);
  }

  @Override
  public void onNext(DeltaDiscoveryResponse response) {
    events.add(response);
    if (!paused) {
      out.request(1);
    }
  }

  @Override
  public void onError(Throwable error) {
    events.add(Status.fromThrowable(error));
  }

  @Override
  public void onCompleted() {
    events.add(Status.OK);
  }
}
