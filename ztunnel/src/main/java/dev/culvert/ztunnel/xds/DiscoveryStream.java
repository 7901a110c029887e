// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.policy.wire.discovery.AggregatedDiscoveryServiceGrpc;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import io.grpc.CallCredentials;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.util.concurrent.Executor;

/**
 * One stream on a channel of its own. Its events come on the given executor, one response at a
 * time: the next is asked for only when the last was taken in.
 */
final class DiscoveryStream
    implements ClientResponseObserver<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {

  /** What happens on a stream; nothing follows {@link #ended}. */
  interface Events {
    void received(DiscoveryStream stream, DeltaDiscoveryResponse response);

    void ended(DiscoveryStream stream, Throwable cause);
  }

  private final ManagedChannel channel;
  private final Executor executor;
  private final Events events;
  private ClientCallStreamObserver<DeltaDiscoveryRequest> requests;

  private DiscoveryStream(ManagedChannel channel, Executor executor, Events events) {
    this.channel = channel;
    this.executor = executor;
    this.events = events;
  }

  static DiscoveryStream open(
      ManagedChannel channel, CallCredentials token, Executor executor, Events events) {
    DiscoveryStream stream = new DiscoveryStream(channel, executor, events);
    var _ =
        AggregatedDiscoveryServiceGrpc.newStub(channel)
            .withCallCredentials(token)
            .deltaAggregatedResources(stream);
    return stream;
  }

  void send(DeltaDiscoveryRequest request) {
    requests.onNext(request);
  }

  void close() {
    channel.shutdownNow();
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<DeltaDiscoveryRequest> stream) {
    stream.disableAutoRequestWithInitial(1);
    requests = stream;
  }

  @Override
  public void onNext(DeltaDiscoveryResponse response) {
    executor.execute(
        () -> {
          try {
            events.received(this, response);
          } finally {
            requests.request(1);
          }
        });
  }

  @Override
  public void onError(Throwable cause) {
    executor.execute(() -> events.ended(this, cause));
  }

  @Override
  public void onCompleted() {
    executor.execute(
        () -> events.ended(this, new IOException("the control plane ended the stream")));
  }
}
