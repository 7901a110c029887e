// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import dev.culvert.controlplane.access.CallerAuthentication;
import dev.culvert.policy.wire.discovery.AggregatedDiscoveryServiceGrpc;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/** Aggregated discovery, delta variant: every proxy has one stream for all types. */
public final class DiscoveryService
    extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase
    implements AutoCloseable {
  private final Snapshots snapshots;
  private final Openings openings = new Openings();
  private final Executor executor;
  private final Set<DiscoveryStream> streams = ConcurrentHashMap.newKeySet();
  private final DiscoveryCounts counts;

  /**
   * @param executor runs the pushes of all streams; a push may block for its stream's lock
   * @param registry where streams and pushes are counted
   */
  public DiscoveryService(Snapshots snapshots, Executor executor, MeterRegistry registry) {
    this.snapshots = snapshots;
    this.executor = executor;
    this.counts = new DiscoveryCounts(registry, streams);
  }

  @Override
  public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
      StreamObserver<DeltaDiscoveryResponse> responses) {
    var out = (ServerCallStreamObserver<DeltaDiscoveryResponse>) responses;
    DiscoveryStream stream =
        new DiscoveryStream(
            CallerAuthentication.caller(),
            snapshots,
            openings,
            executor,
            out,
            counts,
            streams::remove);
    streams.add(stream);
    stream.start();
    return stream;
  }

  /** Ends all streams; proxies reconnect to wherever a control plane is. */
  @Override
  public void close() {
    Status stopping = Status.UNAVAILABLE.withDescription("the control plane is stopping");
    streams.forEach(stream -> stream.close(stopping));
  }
}
