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
 * first; of the second nobody gets more than an equal share of all, so that one pod's crowd leaves
 * room for every other's.
 */
public final class NodeLimits {
  private final LimitSettings settings;
  private final Refusals refusals;
  private final Buffers buffers;
  private final AtomicInteger pods = new AtomicInteger();
  private final AtomicInteger descriptors = new AtomicInteger();
  private final AtomicInteger handshakes = new AtomicInteger();

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
    this.buffers = new Buffers(usedBuffers, settings.buffers(), nanoTime);
    Gauge.builder("culvert_limit_descriptors", descriptors, AtomicInteger::get)
        .description("Descriptors of pods' connections and tunnels, as counted against the limit.")
        .register(registry);
    Gauge.builder("culvert_limit_handshakes", handshakes, AtomicInteger::get)
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

  /** Takes descriptors for a pod that then has {@code own}; null, or what stands against it. */
  Limit takeDescriptors(int count, int own) {
    if (buffers.areTight()) {
      return Limit.BUFFERS;
    }
    int used = descriptors.addAndGet(count);
    int most = settings.descriptors();
    Limit against = null;
    if (used > most) {
      against = Limit.DESCRIPTORS;
    } else if (used > most / 2 && own > most / Math.max(1, pods.get())) {
      against = Limit.POD_SHARE;
    }
    if (against != null) {
      descriptors.addAndGet(-count);
    }
    return against;
  }

  void giveDescriptors(int count) {
    descriptors.addAndGet(-count);
  }

  boolean beginHandshake() {
    if (handshakes.incrementAndGet() <= settings.handshakes()) {
      return true;
    }
    handshakes.decrementAndGet();
    return false;
  }

  void endHandshake() {
    handshakes.decrementAndGet();
  }
}
