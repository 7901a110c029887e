// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.culvert.linux.errno.ErrnoException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A port passes from the socket of an old process to that of a new one; both share it by
 * SO_REUSEPORT. On the number of any socket's descriptor; see socket(7).
 *
 * <p>Not by net.ipv4.tcp_migrate_req, which would keep what is queued on a listener that closes: it
 * gives that to any socket of the port, also to an app's, past every policy.
 */
public final class PortHandOver {
  private static final int SOL_SOCKET = 1;
  private static final int SO_ATTACH_REUSEPORT_CBPF = 51;

  /** BPF_RET | BPF_K of linux/bpf_common.h. */
  private static final short RETURN_CONSTANT = 0x06;

  private static final int SOCK_FPROG_SIZE = 16;
  private static final int SOCK_FILTER_SIZE = 8;

  private PortHandOver() {}

  /**
   * Of two sockets that share a port, makes the kernel choose the one that joined last. One that is
   * left alone gets everything, whichever it is; of more than two the second is chosen.
   *
   * @param fd of either, which listens or is bound already
   */
  public static void preferNewest(int fd) throws ErrnoException {
    prefer(fd, 1);
  }

  /**
   * Of two sockets that share a port, makes the kernel choose the one that was there first.
   *
   * @param fd of either
   */
  public static void preferOldest(int fd) throws ErrnoException {
    prefer(fd, 0);
  }

  private static void prefer(int fd, int place) throws ErrnoException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment filter = arena.allocate(SOCK_FILTER_SIZE, 8);
      filter.set(JAVA_SHORT, 0, RETURN_CONSTANT);
      filter.set(JAVA_INT, 4, place); // in the group; out of range: by hash
      ByteBuffer program = ByteBuffer.allocate(SOCK_FPROG_SIZE).order(ByteOrder.nativeOrder());
      program.putShort(0, (short) 1).putLong(8, filter.address());
      OptionCalls.set(
          fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, program.array(), "SO_ATTACH_REUSEPORT_CBPF");
    }
  }

  /**
   * Has a bound UDP socket receive nothing more: it is connected to itself, where nobody sends
   * from. What is in its queue can still be read, and answers can be sent to anybody.
   *
   * @param own the address that it is bound to
   */
  public static void deafen(int fd, InetSocketAddress own) throws ErrnoException {
    SocketCalls.connect(fd, own);
  }

  /** Whether a socket has received something that nobody has read. */
  public static boolean hasUnread(int fd) throws ErrnoException {
    return SocketCalls.isThere(fd, SocketCalls.POLLIN);
  }
}
