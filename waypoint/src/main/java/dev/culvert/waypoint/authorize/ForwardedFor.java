// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a client is, by x-forwarded-for: each proxy appends the address that it saw, so that only
 * what trusted proxies appended can be believed.
 *
 * @param trustedHops how many proxies before this one are trusted; 0 believes nobody
 */
public record ForwardedFor(int trustedHops) {

  /**
   * The address that the outermost trusted proxy saw.
   *
   * @param peer who connected: with no trusted proxies, the client itself
   * @param fields the values of x-forwarded-for as sent
   * @return the peer's address also where fewer proxies wrote than are trusted, or no address
   */
  InetAddress client(InetAddress peer, List<String> fields) {
    if (trustedHops == 0 || fields.isEmpty()) {
      return peer;
    }
    List<String> seen = new ArrayList<>();
    for (String field : fields) {
      seen.addAll(List.of(field.split(",", -1)));
    }
    int index = seen.size() - trustedHops;
    InetAddress told = index < 0 ? null : address(seen.get(index).strip());
    return told == null ? peer : told;
  }

  private static InetAddress address(String text) {
    return NetUtil.createInetAddressFromIpAddressString(text);
  }
}
