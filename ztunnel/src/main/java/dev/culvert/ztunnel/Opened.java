// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was opened, to be closed in the opposite order. Not thread-safe. */
final class Opened implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Opened.class);

  private final Deque<AutoCloseable> stack = new ArrayDeque<>();

  <T extends AutoCloseable> T add(T opened) {
    stack.push(opened);
    return opened;
  }

  @Override
  public void close() {
    while (!stack.isEmpty()) {
      AutoCloseable last = stack.pop();
      try {
        last.close();
      } catch (Exception e) {
        LOG.warn("could not close {}: {}", last.getClass().getSimpleName(), e.toString());
      }
    }
  }
}
