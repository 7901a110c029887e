// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.app;

import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A thread of this JVM in a node's cgroup. The kernel gives a socket the cgroup of the thread that
 * makes it, and an accepted one that of its listener, so sockets made here meet the node's eBPF
 * programs wherever they are used afterwards.
 *
 * <p>Needs a threaded cgroup whose threaded domain holds this process (cgroups(7), "Threaded
 * cgroups").
 */
public final class NodeThread implements AutoCloseable {
  private final ExecutorService thread;

  private NodeThread(ExecutorService thread) {
    this.thread = thread;
  }

  /** Starts the thread and moves it into the cgroup. */
  public static NodeThread enter(Path cgroup) throws IOException {
    var thread =
        new NodeThread(
            Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("node " + cgroup.getFileName()).factory()));
    thread.call(
        () -> {
          // "PID/task/TID"
          Path self = Files.readSymbolicLink(Path.of("/proc/thread-self"));
          return Files.writeString(cgroup.resolve("cgroup.threads"), self.getFileName().toString());
        });
    return thread;
  }

  /** Runs the task on the thread, in the network namespace. */
  public <T> T in(NetworkNamespace namespace, Callable<T> task) throws IOException {
    return call(() -> namespace.call(task));
  }

  private <T> T call(Callable<T> task) throws IOException {
    try {
      return thread.submit(task).get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().toString(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the node's thread worked", e);
    }
  }

  @Override
  public void close() {
    thread.close();
  }
}
