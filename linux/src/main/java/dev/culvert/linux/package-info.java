/**
 * Linux as typed Java: system calls, descriptors, network namespaces, sockets. Every failed call is
 * an {@link dev.culvert.linux.errno.ErrnoException} that names the operation, its arguments and the
 * errno. Calls block the calling thread and may be made on any thread unless a type says otherwise.
 */
package dev.culvert.linux;
