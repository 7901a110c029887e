// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What one pod may have at once, so that it takes nothing from others. Any thread. */
final class PodLimits {
  private final DnsSettings settings;
  private final DnsMeters meters;
  private final AtomicInteger queries = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  PodLimits(DnsSettings settings, DnsMeters meters) {
    this.settings = settings;
    this.meters = meters;
  }

  /** Whether another query may wait; {@link #endQuery} follows. */
  boolean beginQuery() {
    return begin(queries, settings.maxQueries(), DnsMeters.Limit.QUERIES);
  }

  void endQuery() {
    queries.decrementAndGet();
  }

  /** Whether another connection may be open; {@link #endConnection} follows. */
  boolean beginConnection() {
    return begin(connections, settings.maxConnections(), DnsMeters.Limit.CONNECTIONS);
  }

  void endConnection() {
    connections.decrementAndGet();
  }

  private boolean begin(AtomicInteger count, int most, DnsMeters.Limit limit) {
    if (count.incrementAndGet() <= most) {
      return true;
    }
    count.decrementAndGet();
    meters.refused(limit);
    return false;
  }

  /** Whether so many bytes may be held; {@link #release} follows. */
  boolean hold(int held) {
    if (bytes.addAndGet(held) <= settings.maxBytes()) {
      return true;
    }
    release(held);
    meters.refused(DnsMeters.Limit.BYTES);
    return false;
  }

  void release(int held) {
    bytes.addAndGet(-held);
  }

  /** How many bytes are held now. */
  long heldBytes() {
    return bytes.get();
  }
}
