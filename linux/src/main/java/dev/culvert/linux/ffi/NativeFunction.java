// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.ffi;

import java.lang.invoke.MethodHandle;

/**
 * A C function of at most six parameters, all of them integers or pointers: what Linux passes in
 * registers, whatever their width. All share one shape of call, because the JVM takes 10 ms of a
 * start to make ready for each other shape. An {@code int} that is returned is the lower half of
 * the result. Pointers are addresses: what they point to lives in the call's arena, or longer.
 *
 * @param handle of the shape that {@link NativeLibrary#function} binds
 */
public record NativeFunction(MethodHandle handle) {
  public long call(CallState state, long a) {
    return call(state, a, 0);
  }

  public long call(CallState state, long a, long b) {
    return call(state, a, b, 0);
  }

  public long call(CallState state, long a, long b, long c) {
    return call(state, a, b, c, 0);
  }

  public long call(CallState state, long a, long b, long c, long d) {
    return call(state, a, b, c, d, 0);
  }

  public long call(CallState state, long a, long b, long c, long d, long e) {
    return call(state, a, b, c, d, e, 0);
  }

  /**
   * Calls it; the errno is in the state then.
   *
   * @throws MissingLibraryException when the library or the function is not on this machine
   */
  public long call(CallState state, long a, long b, long c, long d, long e, long f) {
    try {
      return (long) handle.invokeExact(state.segment(), a, b, c, d, e, f);
    } catch (Throwable t) {
      throw CallState.unexpected(t);
    }
  }
}
