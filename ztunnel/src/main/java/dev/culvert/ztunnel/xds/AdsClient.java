// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.discovery.Node;
import dev.culvert.ztunnel.controlplane.Backoff;
import dev.culvert.ztunnel.controlplane.ControlPlane;
import dev.culvert.ztunnel.controlplane.Endpoint;
import dev.culvert.ztunnel.controlplane.GrpcFailure;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a delta ADS stream to the control plane. A stream that ends is opened again, at a pace from
 * 10 ms to 15 s, and told what is already here. Everything happens on one thread, {@code xds}.
 */
public final class AdsClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdsClient.class);
  private static final String WORKLOADS = "type.googleapis.com/istio.workload.Address";
  private static final String POLICIES = "type.googleapis.com/istio.security.Authorization";

  private final ControlPlane controlPlane;
  private final Endpoint endpoint;
  private final Node node;
  private final MeterRegistry registry;
  private final Counter terminations;
  private final Optional<OnDemand> demand;
  private final List<DeltaSubscription> subscriptions;
  private final ScheduledThreadPoolExecutor thread;
  private final Backoff backoff = Backoff.ofStream(new SecureRandom());
  private DiscoveryStream stream;

  /**
   * @param node who asks
   * @param onDemand whether addresses are asked for when they are needed, instead of all of them
   */
  public AdsClient(
      ControlPlane controlPlane,
      Endpoint endpoint,
      NodeIdentity node,
      MeshStore store,
      MeterRegistry registry,
      boolean onDemand) {
    this(controlPlane, endpoint, node, store, registry, onDemand, Map.of());
  }

  /**
   * @param node who asks
   * @param onDemand whether addresses are asked for when they are needed, instead of all of them
   * @param before what is asked for before the mesh, by type URL: on each stream it is known first
   */
  public AdsClient(
      ControlPlane controlPlane,
      Endpoint endpoint,
      NodeIdentity node,
      MeshStore store,
      MeterRegistry registry,
      boolean onDemand,
      Map<String, ResourceSink> before) {
    this.controlPlane = controlPlane;
    this.endpoint = endpoint;
    this.node = node.wire();
    this.registry = registry;
    this.terminations = registry.counter("istio_xds_connection_terminations");
    this.demand =
        onDemand
            ? Optional.of(
                new OnDemand(
                    store,
                    node.node(),
                    this::onThread,
                    this::sendNames,
                    new Answers(System::nanoTime)))
            : Optional.empty();
    this.subscriptions = new ArrayList<>();
    before.forEach(
        (type, sink) -> subscriptions.add(new DeltaSubscription(type, sink, Optional.empty())));
    subscriptions.add(new DeltaSubscription(WORKLOADS, store.addressSink(), demand));
    subscriptions.add(new DeltaSubscription(POLICIES, store.authorizationSink(), Optional.empty()));
    this.thread =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("xds").factory());
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Connects, and stays connected until closed. */
  public void start() {
    thread.execute(this::connect);
  }

  /** Asks for addresses; empty when all come unasked. */
  public Optional<OnDemand> onDemand() {
    return demand;
  }

  /** Whether a first answer to each subscription was taken in. Any thread. */
  public boolean ready() {
    return subscriptions.stream().allMatch(DeltaSubscription::answered);
  }

  @Override
  public void close() {
    onThread(this::drop);
    thread.shutdown();
  }

  private void connect() {
    try {
      stream =
          DiscoveryStream.open(
              controlPlane.open(endpoint),
              controlPlane.token(),
              this::onThread,
              new StreamEvents());
      subscriptions.forEach(subscription -> stream.send(subscription.first(node)));
    } catch (RuntimeException e) {
      LOG.error("a stream to {} could not begin", endpoint, e);
      drop();
      retryLater(e);
    }
  }

  private void sendNames(DeltaDiscoveryRequest.Builder names) {
    if (stream != null) {
      stream.send(names.setTypeUrl(WORKLOADS).build());
    }
  }

  private void drop() {
    DiscoveryStream last = stream;
    forgetStream();
    if (last != null) {
      last.close();
    }
  }

  private void forgetStream() {
    stream = null;
    subscriptions.forEach(DeltaSubscription::ended);
  }

  /** By type, of which there are few: a peer cannot make more meters. */
  private void count(DeltaDiscoveryResponse response) {
    boolean known =
        subscriptions.stream().anyMatch(one -> one.typeUrl().equals(response.getTypeUrl()));
    String type = known ? response.getTypeUrl() : "other";
    registry.counter("istio_xds_message", "url", type).increment();
    registry
        .counter("istio_xds_message_bytes", "url", type)
        .increment(response.getSerializedSize());
  }

  private void retryLater(Throwable cause) {
    terminations.increment();
    Duration wait = backoff.next();
    LOG.warn(
        "xDS from {}: {}; what is known stays in use, next attempt in {} ms",
        endpoint,
        GrpcFailure.describe(cause),
        wait.toMillis());
    var _ = thread.schedule(this::connect, wait.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void onThread(Runnable event) {
    try {
      thread.execute(event);
    } catch (RejectedExecutionException e) {
      LOG.debug("an event of a stream came after the end");
    }
  }

  private void answer(DiscoveryStream from, DeltaDiscoveryResponse response) {
    subscriptions.stream()
        .filter(subscription -> subscription.typeUrl().equals(response.getTypeUrl()))
        .findFirst()
        .ifPresentOrElse(
            subscription -> from.send(subscription.accept(response)),
            () -> from.send(refuseType(response)));
  }

  private static DeltaDiscoveryRequest refuseType(DeltaDiscoveryResponse response) {
    String problem = "'%s' was never asked for".formatted(response.getTypeUrl());
    LOG.warn("response from the control plane ignored: type {}", problem);
    return DeltaDiscoveryRequest.newBuilder()
        .setTypeUrl(response.getTypeUrl())
        .setResponseNonce(response.getNonce())
        .setErrorDetail(
            com.google.rpc.Status.newBuilder()
                .setCode(com.google.rpc.Code.INVALID_ARGUMENT_VALUE)
                .setMessage(problem))
        .build();
  }

  private final class StreamEvents implements DiscoveryStream.Events {
    @Override
    public void received(DiscoveryStream from, DeltaDiscoveryResponse response) {
      if (from != stream) {
        return;
      }
      backoff.reset();
      count(response);
      try {
        answer(from, response);
      } catch (RuntimeException e) {
        LOG.error("a response from {} could not be taken in", endpoint, e);
        from.close();
      }
    }

    @Override
    public void ended(DiscoveryStream ended, Throwable cause) {
      ended.close();
      if (ended == stream) {
        forgetStream();
        retryLater(cause);
      }
    }
  }
}
