/**
 * What every downcall of this module needs: a library to take functions from and the errno the call
 * left behind, {@code SETNS.call(state, fd, CLONE_NEWNET)}. Any thread; a {@link
 * dev.culvert.linux.ffi.CallState} stays on the thread that opened it.
 */
package dev.culvert.linux.ffi;
