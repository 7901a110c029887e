// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The newest snapshot, and who wants to hear of a newer one. Thread-safe. */
public final class Snapshots {
  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

  private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();
  private volatile DiscoverySnapshot current;

  public Snapshots(DiscoverySnapshot first) {
    current = first;
  }

  /** The newest snapshot. */
  public DiscoverySnapshot current() {
    return current;
  }

  /** Makes a snapshot the newest; an equal one changes nothing. */
  public synchronized void publish(DiscoverySnapshot snapshot) {
    if (snapshot.equals(current)) {
      return;
    }
    current = snapshot;
    LOG.debug(
        "serving {} addresses and {} policies to {} streams",
        snapshot.addresses().size(),
        snapshot.authorizations().size(),
        listeners.size());
    listeners.forEach(Runnable::run);
  }

  /** The listener must not block. */
  void listen(Runnable listener) {
    listeners.add(listener);
  }

  void forget(Runnable listener) {
    listeners.remove(listener);
  }
}
