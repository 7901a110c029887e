// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

/** A process at the other end of a Unix socket, as the kernel vouches for it when it connects. */
public record Credentials(int pid, int uid, int gid) {}
