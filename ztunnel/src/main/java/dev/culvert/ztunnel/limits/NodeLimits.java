// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.limits;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * What all pods of a node may have together. The first half of the descriptors goes to who comes
 * first; the second is shared equally by all others, so that no pod's crowd leaves another nothing.
 */
public final class NodeLimits {
  private final LimitSettings settings;
  private final Refusals refusals;
  private final Buffers buffers;
  private final AtomicInteger pods = new AtomicInteger();
  private final AtomicInteger descriptors = new AtomicInteger();
  private final Handshakes handshakes;

  /** Counts into {@code registry}. */
  public NodeLimits(LimitSettings settings, MeterRegistry registry) {
    this(settings, registry, NodeLimits::usedBuffers, System::nanoTime);
  }

  NodeLimits(
      LimitSettings settings,
      MeterRegistry registry,
      LongSupplier usedBuffers,
      LongSupplier nanoTime) {
    this.settings = settings;
    this.refusals = new Refusals(registry, nanoTime);
    this.handshakes = new Handshakes(settings);
    this.buffers = new Buffers(usedBuffers, settings.buffers(), nanoTime);
    Gauge.builder("culvert_limit_descriptors", descriptors, AtomicInteger::get)
        .description("Sockets of pods' connections and tunnels, as counted against the limit.")
        .register(registry);
    Gauge.builder("culvert_limit_handshakes", handshakes, Handshakes::size)
        .description("TLS handshakes of tunnels to pods that are going on.")
        .register(registry);
  }

  private static long usedBuffers() {
    return ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider provider
        ? provider.metric().usedDirectMemory()
        : 0;
  }

  /** The share of one more pod; closed when the pod has left. */
  public PodShare pod(String name) {
    pods.incrementAndGet();
    return new PodShare(this, name);
  }

  LimitSettings settings() {
    return settings;
  }

  Refusals refusals() {
    return refusals;
  }

  void podGone() {
    pods.decrementAndGet();
  }

  /** Takes a descriptor for a pod that then has {@code own}; null, or what stands against it. */
  Limit takeDescriptor(int own) {
    if (buffers.areTight()) {
      return Limit.BUFFERS;
    }
    int used = descriptors.incrementAndGet();
    int most = settings.descriptors();
    Limit against = null;
    if (used > most) {
      against = Limit.DESCRIPTORS;
    } else if (used > most / 2 && isAboveShare(own)) {
      against = Limit.POD_SHARE;
    }
    if (against != null) {
      giveDescriptor();
    }
    return against;
  }

  void giveDescriptor() {
    descriptors.decrementAndGet();
  }

  /** The second half is for those who did not take the first. */
  private boolean isAboveShare(int own) {
    int others = pods.get() - 1;
    return others > 0 && own > settings.descriptors() / 2 / others;
  }

  Handshakes handshakes() {
    return handshakes;
  }
}
