// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.outbound;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;

/**
 * The addresses of endpoints outside the mesh that are known by name only, asked of the node's
 * resolvers. The JDK waits for them, so each question has a virtual thread, and keeps what they
 * answer for 30 s. Any thread.
 */
final class HostNames {
  /** Names at a time: with more, slow resolvers would pile up what waits for them. */
  static final int AT_ONCE = 64;

  /** Those of all pods of the node. */
  static final HostNames OF_THE_NODE = new HostNames(InetAddress::getAllByName);

  private final Lookup lookup;
  private final Semaphore room = new Semaphore(AT_ONCE);

  /** By name: a pod that asks for one again and again takes no more of the room than once. */
  private final ConcurrentMap<String, CompletableFuture<List<InetAddress>>> asked =
      new ConcurrentHashMap<>();

  /** Waits for resolvers. */
  @FunctionalInterface
  interface Lookup {
    InetAddress[] all(String name) throws UnknownHostException;
  }

  HostNames(Lookup lookup) {
    this.lookup = lookup;
  }

  /**
   * Finds the address of a target.
   *
   * @param named unresolved
   * @param usable addresses of families that the client has; the one asked for comes first
   * @return done on the loop
   */
  Future<InetSocketAddress> resolve(
      InetSocketAddress named, List<Class<? extends InetAddress>> usable, EventLoop loop) {
    Promise<InetSocketAddress> found = loop.newPromise();
    var _ =
        ask(named.getHostString())
            .whenComplete(
                (all, error) -> {
                  if (error == null) {
                    choose(named, all, usable, found);
                  } else {
                    found.setFailure(error);
                  }
                });
    return found;
  }

  private static void choose(
      InetSocketAddress named,
      List<InetAddress> all,
      List<Class<? extends InetAddress>> usable,
      Promise<InetSocketAddress> found) {
    usable.stream()
        .flatMap(family -> all.stream().filter(family::isInstance))
        .findFirst()
        .ifPresentOrElse(
            address -> found.setSuccess(new InetSocketAddress(address, named.getPort())),
            () -> found.setFailure(new UnknownHostException("no address that this pod can reach")));
  }

  private CompletableFuture<List<InetAddress>> ask(String name) {
    CompletableFuture<List<InetAddress>> own = new CompletableFuture<>();
    CompletableFuture<List<InetAddress>> running = asked.putIfAbsent(name, own);
    if (running != null) {
      return running;
    }
    if (room.tryAcquire()) {
      var _ = Thread.ofVirtual().name("resolve").start(() -> answer(name, own));
    } else {
      asked.remove(name, own);
      own.completeExceptionally(
          new UnknownHostException("%s: %d names are asked for already".formatted(name, AT_ONCE)));
    }
    return own;
  }

  private void answer(String name, CompletableFuture<List<InetAddress>> own) {
    try {
      List<InetAddress> all = List.of(lookup.all(name));
      forget(name, own);
      own.complete(all);
    } catch (UnknownHostException | RuntimeException e) {
      forget(name, own);
      own.completeExceptionally(e);
    }
  }

  /** Before its answer is told: who asks because of that asks anew. */
  private void forget(String name, CompletableFuture<List<InetAddress>> own) {
    asked.remove(name, own);
    room.release();
  }
}
