// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.pairs;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A connection that ended, as the kernel tells of it: struct culvert_flow_report, in a buffer that
 * is used again.
 */
final class FlowReport {
  private static final int CLIENT = 16;
  private static final int CLIENT_PORT = 32;
  private static final int SERVER = 36;
  private static final int ASKED = 56;
  private static final int FLAGS = 76;
  private static final int STARTED = 80;
  private static final int NANOS_OF_MILLI = 1_000_000;

  private final byte[] element;
  private final ByteBuffer fields;

  FlowReport(byte[] element) {
    this.element = element;
    this.fields = ByteBuffer.wrap(element).order(ByteOrder.nativeOrder());
  }

  /**
   * What many reports have alike: all but the client's port, the bytes and the time.
   *
   * @param source the cookie of the client's namespace
   * @param destination the cookie of the server's namespace
   * @param opened whether the server took it
   */
  record Ends(
      long source,
      long destination,
      InetAddress client,
      InetSocketAddress server,
      InetSocketAddress asked,
      boolean opened) {}

  Ends ends() {
    return new Ends(
        fields.getLong(0),
        fields.getLong(8),
        address(CLIENT),
        endpoint(SERVER),
        endpoint(ASKED),
        (fields.getInt(FLAGS) & 1) != 0);
  }

  /** Whether another one, as its bytes, has the same ends. */
  boolean hasEndsOf(byte[] other) {
    return Arrays.equals(element, 0, CLIENT_PORT, other, 0, CLIENT_PORT)
        && Arrays.equals(element, SERVER, STARTED, other, SERVER, STARTED);
  }

  byte[] copy() {
    return element.clone();
  }

  int clientPort() {
    return port(CLIENT_PORT);
  }

  long millis() {
    return (fields.getLong(88) - fields.getLong(STARTED)) / NANOS_OF_MILLI;
  }

  /** Bytes from the client. */
  long sent() {
    return fields.getLong(96);
  }

  /** Bytes from the server. */
  long received() {
    return fields.getLong(104);
  }

  private InetSocketAddress endpoint(int at) {
    return new InetSocketAddress(address(at), port(at + 16));
  }

  private InetAddress address(int at) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(element, at, at + 16));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private int port(int at) {
    return Byte.toUnsignedInt(element[at]) << 8 | Byte.toUnsignedInt(element[at + 1]);
  }
}
