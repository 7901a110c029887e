// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import dev.culvert.linux.Fd;
import java.io.IOException;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A socket's descriptor that threads wait on while another may close it. The number is given back
 * to the kernel only when the last of them has left, else it could name another file meanwhile.
 */
final class SharedDescriptor implements AutoCloseable {
  /** What is done with the number. */
  interface Use<T> {
    T with(int fd) throws IOException;
  }

  private final Fd fd;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final ReentrantReadWriteLock users = new ReentrantReadWriteLock();

  SharedDescriptor(Fd fd) {
    this.fd = fd;
  }

  /**
   * Runs one operation on the descriptor.
   *
   * @throws SocketException when it is closed
   */
  <T> T use(Use<T> body) throws IOException {
    users.readLock().lock();
    try {
      if (closing.get()) {
        throw new SocketException("socket is closed");
      }
      return body.with(fd.value());
    } finally {
      users.readLock().unlock();
    }
  }

  boolean isOpen() {
    return !closing.get();
  }

  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    SocketCalls.shutdown(fd.value());
    users.writeLock().lock();
    try {
      fd.close();
    } finally {
      users.writeLock().unlock();
    }
  }
}
