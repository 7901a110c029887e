/**
 * What every downcall of this module needs: a library to bind functions from and the errno the call
 * left behind. Handles take the errno segment first: {@code (int)
 * HANDLE.invokeExact(state.segment(), ...)}. Any thread; a {@link dev.culvert.linux.ffi.CallState}
 * stays on the thread that opened it.
 */
package dev.culvert.linux.ffi;
