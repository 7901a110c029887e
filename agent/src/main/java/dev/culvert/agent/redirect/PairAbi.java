// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.redirect;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Keys and values of pairs and flows as bpf-programs lays them out. */
final class PairAbi {
  static final int MAX_ENDS = 8;
  private static final int KEY_SIZE = 32;
  private static final int GRANT_HEAD = 16;
  private static final int END_SIZE = 32;

  private PairAbi() {}

  /** struct culvert_pair. */
  static byte[] key(PairMaps.Pair pair) {
    byte[] key = new byte[KEY_SIZE];
    ByteBuffer fields = ByteBuffer.wrap(key).order(ByteOrder.nativeOrder());
    put(fields.putLong(pair.source()), pair.asked());
    return key;
  }

  static long source(byte[] key) {
    return ByteBuffer.wrap(key).order(ByteOrder.nativeOrder()).getLong();
  }

  /** struct culvert_pair_grant. */
  static byte[] grant(long generation, List<PairMaps.End> ends) {
    if (ends.isEmpty() || ends.size() > MAX_ENDS) {
      throw new IllegalArgumentException("a pair has 1 to 8 ends, not " + ends.size());
    }
    byte[] grant = new byte[GRANT_HEAD + MAX_ENDS * END_SIZE];
    ByteBuffer fields = ByteBuffer.wrap(grant).order(ByteOrder.nativeOrder());
    fields.putLong(generation).putInt(ends.size());
    for (int i = 0; i < ends.size(); i++) {
      fields.position(GRANT_HEAD + i * END_SIZE).putLong(ends.get(i).netns());
      put(fields, ends.get(i).endpoint());
    }
    return grant;
  }

  static boolean leadsTo(byte[] grant, long cookie) {
    ByteBuffer value = ByteBuffer.wrap(grant).order(ByteOrder.nativeOrder());
    boolean found = false;
    for (int i = 0; i < value.getInt(8); i++) {
      found |= value.getLong(GRANT_HEAD + i * END_SIZE) == cookie;
    }
    return found;
  }

  static List<InetSocketAddress> endpoints(byte[] grant) {
    ByteBuffer value = ByteBuffer.wrap(grant).order(ByteOrder.nativeOrder());
    List<InetSocketAddress> endpoints = new ArrayList<>();
    for (int i = 0; i < value.getInt(8); i++) {
      int at = GRANT_HEAD + i * END_SIZE + 8;
      byte[] ip = Arrays.copyOfRange(grant, at, at + 16);
      int port = Byte.toUnsignedInt(grant[at + 16]) << 8 | Byte.toUnsignedInt(grant[at + 17]);
      endpoints.add(new InetSocketAddress(address(ip), port));
    }
    return endpoints;
  }

  private static InetAddress address(byte[] ip) {
    try {
      return InetAddress.getByAddress(ip);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /** struct flow. */
  static boolean isOf(byte[] flow, long cookie) {
    ByteBuffer value = ByteBuffer.wrap(flow).order(ByteOrder.nativeOrder());
    return value.getLong(8) == cookie || value.getLong(16) == cookie;
  }

  private static void put(ByteBuffer fields, InetSocketAddress address) {
    fields.put(RedirectAbi.address(address.getAddress()));
    fields.put((byte) (address.getPort() >> 8)).put((byte) address.getPort());
  }
}
