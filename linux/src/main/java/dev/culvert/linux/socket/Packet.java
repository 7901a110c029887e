// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import dev.culvert.linux.Fd;
import java.util.List;

/**
 * One packet of a SEQPACKET socket with the descriptors that came in its SCM_RIGHTS. Whoever
 * receives it owns the descriptors; closing the packet closes them.
 *
 * @param data what arrived, cut off when {@code dataTruncated}
 * @param fds the received descriptors, close-on-exec
 * @param dataTruncated the packet was longer than the receiver's buffer (MSG_TRUNC)
 * @param controlTruncated more descriptors were sent than could be received (MSG_CTRUNC)
 */
@SuppressWarnings("ArrayRecordComponent") // the bytes of the wire; packets are not compared
public record Packet(byte[] data, List<Fd> fds, boolean dataTruncated, boolean controlTruncated)
    implements AutoCloseable {
  public Packet {
    fds = List.copyOf(fds);
  }

  /** Nothing was lost on the way. */
  public boolean isWhole() {
    return !dataTruncated && !controlTruncated;
  }

  @Override
  public void close() {
    fds.forEach(Fd::close);
  }
}
