// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.Errno;
import dev.culvert.linux.errno.ErrnoException;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;

/**
 * One end of a Unix SOCK_SEQPACKET connection: whole packets in order, each with descriptors if
 * wanted; see unix(7). Any thread may use it; waiting pins the carrier of a virtual thread.
 */
public final class SeqpacketSocket implements AutoCloseable {
  /** Longer packets are received truncated, unless the caller gives a larger limit. */
  public static final int DEFAULT_MAX_BYTES = 4096;

  private static final int MAX_DESCRIPTORS = 8;

  private final SharedDescriptor descriptor;
  private final Credentials peer;

  SeqpacketSocket(Fd fd) throws ErrnoException {
    this.peer = SocketOptions.peerCredentials(fd.value());
    this.descriptor = new SharedDescriptor(fd);
  }

  /**
   * Connects to a server's path.
   *
   * @throws ErrnoException ENOENT or ECONNREFUSED when nobody listens, EAGAIN when its queue is
   *     full
   */
  public static SeqpacketSocket connect(Path path) throws IOException {
    Fd fd = SocketCalls.socket(SocketCalls.AF_UNIX, SocketCalls.SOCK_SEQPACKET);
    try {
      SocketCalls.connect(fd, new UnixAddress(path));
      return new SeqpacketSocket(fd);
    } catch (IOException | RuntimeException e) {
      fd.close();
      throw e;
    }
  }

  /** The process at the other end, at the time it connected or listened. */
  public Credentials peer() {
    return peer;
  }

  /**
   * Sends one packet. The descriptors stay the caller's.
   *
   * @param data at least one byte: an empty packet cannot be told from the end
   * @throws SocketTimeoutException when the peer's buffer stays full
   */
  public void send(byte[] data, Duration timeout, Fd... fds) throws IOException {
    if (data.length == 0) {
      throw new IllegalArgumentException("an empty packet reads as the end of the connection");
    }
    Deadline deadline = Deadline.after(timeout);
    descriptor.use(
        fd -> {
          while (!sent(fd, data, fds)) {
            SocketCalls.await(fd, SocketCalls.POLLOUT, deadline, "send");
          }
          return true;
        });
  }

  /** As {@link #send(byte[], Duration, Fd...)} of the remaining bytes, waiting five seconds. */
  public void send(ByteBuffer data, Fd... fds) throws IOException {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    send(bytes, fds);
  }

  /** As {@link #send(byte[], Duration, Fd...)}, waiting at most five seconds. */
  public void send(byte[] data, Fd... fds) throws IOException {
    send(data, Duration.ofSeconds(5), fds);
  }

  private static boolean sent(int fd, byte[] data, Fd... fds) throws ErrnoException {
    try {
      MessageCalls.send(fd, data, fds);
      return true;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EAGAIN) {
        return false;
      }
      throw e;
    }
  }

  /** As {@link #receive(int, Duration)} with {@link #DEFAULT_MAX_BYTES}. */
  public Packet receive(Duration timeout) throws IOException {
    return receive(DEFAULT_MAX_BYTES, timeout);
  }

  /**
   * Waits for one packet; the caller closes it.
   *
   * @throws SocketTimeoutException when none arrives in time
   * @throws EOFException when the peer has closed
   */
  public Packet receive(int maxBytes, Duration timeout) throws IOException {
    Deadline deadline = Deadline.after(timeout);
    Packet packet =
        descriptor.use(
            fd -> {
              SocketCalls.await(fd, SocketCalls.POLLIN, deadline, "receive");
              return MessageCalls.receive(fd, maxBytes, MAX_DESCRIPTORS);
            });
    if (packet.data().length == 0) {
      packet.close();
      throw new EOFException("the peer has closed the connection");
    }
    return packet;
  }

  public boolean isOpen() {
    return descriptor.isOpen();
  }

  /** Closes it and wakes whoever waits on it. */
  @Override
  public void close() {
    descriptor.close();
  }
}
