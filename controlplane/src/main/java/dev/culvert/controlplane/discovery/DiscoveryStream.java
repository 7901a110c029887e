// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import com.google.rpc.Status;
import dev.culvert.controlplane.access.Caller;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One proxy's stream. While its transport does not take more, nothing is queued: when it does
 * again, the difference to the newest snapshot is sent, whatever happened in between.
 */
final class DiscoveryStream implements StreamObserver<DeltaDiscoveryRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(DiscoveryStream.class);
  private static final int MOST_TYPES = 16;
  private static final List<String> POLICIES = List.of(TypeUrl.AUTHORIZATION, TypeUrl.DOCUMENT);

  /**
   * A part of what is said.
   *
   * @param removals whether also what is gone
   */
  private record Turn(String type, boolean removals) {}

  private final Caller caller;
  private final Snapshots snapshots;
  private final ServerCallStreamObserver<DeltaDiscoveryResponse> out;
  private final Runnable listener;
  private final Openings.Place place;
  private final DiscoveryCounts counts;
  private final Consumer<DiscoveryStream> ended;
  private final AtomicBoolean pushDue = new AtomicBoolean();
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Subscription> subscriptions = new LinkedHashMap<>();
  private long nonce;
  private boolean closed;

  DiscoveryStream(
      Caller caller,
      Snapshots snapshots,
      Openings openings,
      Executor executor,
      ServerCallStreamObserver<DeltaDiscoveryResponse> out,
      DiscoveryCounts counts,
      Consumer<DiscoveryStream> ended) {
    this.caller = caller;
    this.snapshots = snapshots;
    this.out = out;
    this.listener =
        () -> {
          if (pushDue.compareAndSet(false, true)) {
            executor.execute(this::push);
          }
        };
    this.place = openings.place(() -> executor.execute(this::open), this::late);
    this.counts = counts;
    this.ended = ended;
  }

  /** Nothing is read of the proxy before its place. */
  void start() {
    out.disableAutoRequest();
    out.setOnReadyHandler(this::push);
    out.setOnCancelHandler(() -> end("cancelled"));
    snapshots.listen(listener);
    place.take();
    LOG.info("{}: discovery stream opened", caller);
  }

  private void open() {
    lock.lock();
    try {
      if (!closed) {
        out.request(1);
      }
    } finally {
      lock.unlock();
    }
  }

  /** A stream that takes what it is sent is let be: it asks for other things. */
  private void late() {
    if (out.isReady()) {
      place.leave();
      return;
    }
    close(
        io.grpc.Status.DEADLINE_EXCEEDED.withDescription(
            "the first answer was not read within %d s".formatted(Openings.LONGEST.toSeconds())));
  }

  @Override
  public void onNext(DeltaDiscoveryRequest request) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      Optional<String> malformed = malformed(request);
      if (malformed.isPresent()) {
        close(io.grpc.Status.INVALID_ARGUMENT.withDescription(malformed.get()));
        return;
      }
      logRejection(request);
      subscription(request.getTypeUrl()).update(request);
      out.request(1);
    } finally {
      lock.unlock();
    }
    push();
  }

  @Override
  public void onError(Throwable error) {
    end(error.getMessage());
  }

  @Override
  public void onCompleted() {
    lock.lock();
    try {
      if (!closed) {
        out.onCompleted();
      }
    } finally {
      lock.unlock();
    }
    end("completed");
  }

  void close(io.grpc.Status status) {
    lock.lock();
    try {
      if (!closed) {
        out.onError(status.asRuntimeException());
      }
    } finally {
      lock.unlock();
    }
    end(status.getDescription());
  }

  /**
   * Policies come before the services and workloads that they are for, and go after. A proxy
   * refuses connections to a workload whose policy it does not know; a waypoint that is asked for a
   * service must know all of its policies by then.
   */
  private void push() {
    lock.lock();
    try {
      pushDue.set(false);
      DiscoverySnapshot snapshot = snapshots.current();
      for (Turn turn : turns()) {
        if (!push(turn, snapshot)) {
          break;
        }
      }
      if (hasOpened()) {
        place.leave();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The addresses are what is much; once they are on their way a stream costs little. */
  private boolean hasOpened() {
    Subscription addresses = subscriptions.get(TypeUrl.ADDRESS);
    return addresses != null && addresses.isAnswered() && !closed && out.isReady();
  }

  private List<Turn> turns() {
    List<Turn> turns = new ArrayList<>();
    POLICIES.forEach(type -> turns.add(new Turn(type, false)));
    subscriptions.keySet().stream()
        .filter(type -> !POLICIES.contains(type))
        .forEach(type -> turns.add(new Turn(type, true)));
    POLICIES.forEach(type -> turns.add(new Turn(type, true)));
    return turns;
  }

  /**
   * Says what there is to say.
   *
   * @return whether that is done; if not, nothing that comes after it may be said now
   */
  private boolean push(Turn turn, DiscoverySnapshot snapshot) {
    Subscription subscription = subscriptions.get(turn.type);
    if (subscription == null) {
      return true;
    }
    if (closed || !out.isReady()) {
      return false;
    }
    subscription
        .next(snapshot.ofType(turn.type, caller).orElse(ResourceSet.EMPTY), turn.removals)
        .ifPresent(delta -> send(turn.type, delta));
    return true;
  }

  private void send(String type, Delta delta) {
    nonce++;
    LOG.debug(
        "{}: {} {} changed, {} removed, nonce {}",
        caller,
        type,
        delta.changed().size(),
        delta.removed().size(),
        nonce);
    counts.pushed(type);
    out.onNext(
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(type)
            .setNonce(Long.toString(nonce))
            .addAllResources(delta.changed())
            .addAllRemovedResources(delta.removed())
            .build());
  }

  private Subscription subscription(String type) {
    return subscriptions.computeIfAbsent(
        type,
        key -> {
          if (snapshots.current().ofType(key, caller).isEmpty()) {
            LOG.warn("{}: asks for {}, which is not served: it gets none", caller, quote(key));
          }
          return new Subscription(caller.node());
        });
  }

  private Optional<String> malformed(DeltaDiscoveryRequest request) {
    String type = request.getTypeUrl();
    if (type.isEmpty()) {
      return Optional.of("the request names no type_url");
    }
    if (!subscriptions.containsKey(type) && subscriptions.size() == MOST_TYPES) {
      return Optional.of("more than %d type URLs on one stream".formatted(MOST_TYPES));
    }
    return Optional.empty();
  }

  /** What a proxy rejects is not sent to it again until it changes. */
  private void logRejection(DeltaDiscoveryRequest request) {
    if (request.hasErrorDetail()) {
      counts.rejected(request.getTypeUrl());
      Status error = request.getErrorDetail();
      LOG.warn(
          "{}: rejected {} of nonce {}: {} (code {})",
          caller,
          quote(request.getTypeUrl()),
          quote(request.getResponseNonce()),
          quote(error.getMessage()),
          error.getCode());
    }
  }

  private void end(String why) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
    } finally {
      lock.unlock();
    }
    place.leave();
    snapshots.forget(listener);
    ended.accept(this);
    LOG.info("{}: discovery stream ended: {}", caller, why);
  }

  /** Texts of a peer are bounded and on one line in the log. */
  private static String quote(String text) {
    String shown = text.length() > 500 ? text.substring(0, 500) + "..." : text;
    return shown.replaceAll("\\p{Cntrl}", "?");
  }
}
