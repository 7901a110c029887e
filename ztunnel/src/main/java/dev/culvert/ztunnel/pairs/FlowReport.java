// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.pairs;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;

/**
 * A connection that ended, as the kernel tells of it: struct culvert_flow_report.
 *
 * @param source the cookie of the client's namespace
 * @param destination the cookie of the server's namespace
 * @param opened whether the server took it
 * @param sent bytes from the client
 * @param received bytes from the server
 */
record FlowReport(
    long source,
    long destination,
    InetSocketAddress client,
    InetSocketAddress server,
    InetSocketAddress asked,
    boolean opened,
    Duration lasted,
    long sent,
    long received) {

  static FlowReport decode(byte[] element) {
    ByteBuffer fields = ByteBuffer.wrap(element).order(ByteOrder.nativeOrder());
    return new FlowReport(
        fields.getLong(0),
        fields.getLong(8),
        endpoint(element, 16),
        endpoint(element, 36),
        endpoint(element, 56),
        (fields.getInt(76) & 1) != 0,
        Duration.ofNanos(fields.getLong(88) - fields.getLong(80)),
        fields.getLong(96),
        fields.getLong(104));
  }

  private static InetSocketAddress endpoint(byte[] element, int at) {
    ByteBuffer bytes = ByteBuffer.wrap(element);
    byte[] ip = new byte[16];
    bytes.get(at, ip);
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(ip), Short.toUnsignedInt(bytes.getShort(at + 16)));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
