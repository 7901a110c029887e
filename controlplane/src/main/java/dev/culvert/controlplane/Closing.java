// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What to close, and in which order; a part that fails to close does not keep the others open. */
final class Closing implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Closing.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  /** This part is closed before all that are there already. */
  synchronized <T extends AutoCloseable> T first(T part) {
    parts.addFirst(part);
    return part;
  }

  /** Closes each part once. */
  @Override
  public synchronized void close() {
    while (!parts.isEmpty()) {
      close(parts.removeFirst());
    }
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.error("{} did not close: {}", part, e.toString());
    }
  }
}
