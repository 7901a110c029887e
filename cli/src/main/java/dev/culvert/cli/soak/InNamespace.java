// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Makes sockets in pods' namespaces, on one platform thread: no virtual thread may change its. */
final class InNamespace {
  private static final ExecutorService MAKER =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("maker").factory());

  private InNamespace() {}

  static <T> T make(String netns, Callable<T> socket) throws IOException {
    try {
      return MAKER.submit(() -> SoakApps.place(netns).call(socket)).get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
