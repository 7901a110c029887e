// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.culvert.linux.errno.ErrnoException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * The scope of one downcall: memory for its arguments and the errno that it leaves. The errno is
 * captured by the linker at the return of the call; the JVM itself may overwrite the thread's errno
 * at any safepoint, so nothing else is reliable.
 */
public final class CallState implements AutoCloseable {
  private static final StructLayout LAYOUT = Linker.Option.captureStateLayout();
  private static final long ERRNO = LAYOUT.byteOffset(PathElement.groupElement("errno"));

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment segment = arena.allocate(LAYOUT);

  private CallState() {}

  public static CallState open() {
    return new CallState();
  }

  /** The first argument of every handle that {@link NativeLibrary#bind} gives. */
  public MemorySegment segment() {
    return segment;
  }

  /** Memory that lives until {@link #close()}. */
  public Arena arena() {
    return arena;
  }

  public int errno() {
    return segment.get(JAVA_INT, ERRNO);
  }

  /** Returns {@code result}, or throws the errno of the call when the result is negative. */
  public int check(int result, String operation, Object... arguments) throws ErrnoException {
    if (result < 0) {
      throw new ErrnoException(operation, errno(), arguments);
    }
    return result;
  }

  /** As {@link #check(int, String, Object...)}, for calls that return ssize_t. */
  public long check(long result, String operation, Object... arguments) throws ErrnoException {
    if (result < 0) {
      throw new ErrnoException(operation, errno(), arguments);
    }
    return result;
  }

  /**
   * For {@code catch (Throwable t) { throw CallState.rethrow(t); }} around an invokeExact: lets the
   * expected exceptions through with their own type.
   */
  public static RuntimeException rethrow(Throwable t) throws ErrnoException {
    if (t instanceof ErrnoException e) {
      throw e;
    }
    return unexpected(t);
  }

  /** As {@link #rethrow}, where no errno is looked at. */
  public static RuntimeException unexpected(Throwable t) {
    if (t instanceof Error e) {
      throw e;
    }
    return t instanceof RuntimeException e ? e : new IllegalStateException("downcall failed", t);
  }

  @Override
  public void close() {
    arena.close();
  }
}
