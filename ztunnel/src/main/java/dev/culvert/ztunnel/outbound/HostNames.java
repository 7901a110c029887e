// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.outbound;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * The addresses of endpoints outside the mesh that are known by name only, asked of the node's
 * resolvers. The JDK waits for them, so each question has a virtual thread, and keeps what they
 * answer for 30 s.
 */
final class HostNames {
  /** Questions at a time: with more, slow resolvers would pile up what waits for them. */
  private static final int AT_ONCE = 64;

  private static final Semaphore ROOM = new Semaphore(AT_ONCE);

  private HostNames() {}

  /**
   * Finds the address of a target.
   *
   * @param named unresolved
   * @param usable addresses of families that the client has; the one asked for comes first
   * @return done on the loop
   */
  static Future<InetSocketAddress> resolve(
      InetSocketAddress named, List<Class<? extends InetAddress>> usable, EventLoop loop) {
    Promise<InetSocketAddress> found = loop.newPromise();
    if (!ROOM.tryAcquire()) {
      return found.setFailure(
          new UnknownHostException(
              "%s: %d names are asked for already".formatted(named.getHostString(), AT_ONCE)));
    }
    var _ = Thread.ofVirtual().name("resolve").start(() -> ask(named, usable, found));
    return found;
  }

  private static void ask(
      InetSocketAddress named,
      List<Class<? extends InetAddress>> usable,
      Promise<InetSocketAddress> found) {
    try {
      List<InetAddress> all = List.of(InetAddress.getAllByName(named.getHostString()));
      found.setSuccess(
          usable.stream()
              .flatMap(family -> all.stream().filter(family::isInstance))
              .findFirst()
              .map(address -> new InetSocketAddress(address, named.getPort()))
              .orElseThrow(() -> new UnknownHostException("no address that this pod can reach")));
    } catch (UnknownHostException | RuntimeException e) {
      found.setFailure(e);
    } finally {
      ROOM.release();
    }
  }
}
