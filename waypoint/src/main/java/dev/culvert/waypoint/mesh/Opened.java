// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was opened, closed in the opposite order; one that cannot be closed holds up no other. */
final class Opened implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Opened.class);

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  <T extends AutoCloseable> T add(T one) {
    opened.push(one);
    return one;
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      AutoCloseable last = opened.pop();
      try {
        last.close();
      } catch (Exception e) {
        LOG.warn("could not close {}: {}", last.getClass().getSimpleName(), e.toString());
      }
    }
  }
}
