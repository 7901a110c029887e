// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux;

import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeFunction;
import dev.culvert.linux.ffi.NativeLibrary;
import java.util.concurrent.atomic.AtomicInteger;

/** An owned file descriptor: closed once, unusable afterwards, close-on-exec when duplicated. */
public final class Fd implements AutoCloseable {
  private static final int CLOSED = -1;
  private static final int F_DUPFD_CLOEXEC = 1030;

  private static final NativeFunction CLOSE = NativeLibrary.libc().function("close");
  private static final NativeFunction FCNTL = NativeLibrary.libc().function("fcntl");

  private final AtomicInteger value;

  private Fd(int value) {
    this.value = new AtomicInteger(value);
  }

  /** Takes ownership of an open descriptor. */
  public static Fd own(int value) {
    if (value < 0) {
      throw new IllegalArgumentException("not a file descriptor: " + value);
    }
    return new Fd(value);
  }

  /**
   * The number the kernel knows it by; valid until {@link #close()}.
   *
   * @throws IllegalStateException when closed
   */
  public int value() {
    int current = value.get();
    if (current == CLOSED) {
      throw new IllegalStateException("file descriptor is closed");
    }
    return current;
  }

  public boolean isOpen() {
    return value.get() != CLOSED;
  }

  /** A second descriptor of the same open file, with a life of its own. */
  public Fd duplicate() throws ErrnoException {
    int source = value();
    try (CallState state = CallState.open()) {
      int copy = (int) FCNTL.call(state, source, F_DUPFD_CLOEXEC, 0);
      return own(state.check(copy, "fcntl", source, "F_DUPFD_CLOEXEC"));
    }
  }

  /** Gives the number up without closing it: the caller owns it from now on. */
  public int release() {
    int current = value();
    if (!value.compareAndSet(current, CLOSED)) {
      throw new IllegalStateException("file descriptor is closed");
    }
    return current;
  }

  /** Closes it; the second call does nothing. An error of close(2) leaves nothing to act on. */
  @Override
  public void close() {
    int current = value.getAndSet(CLOSED);
    if (current == CLOSED) {
      return;
    }
    try (CallState state = CallState.open()) {
      CLOSE.call(state, current);
    }
  }

  @Override
  public String toString() {
    int current = value.get();
    return current == CLOSED ? "fd closed" : "fd " + current;
  }
}
