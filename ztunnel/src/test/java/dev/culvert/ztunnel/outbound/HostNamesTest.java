// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.peers.Await;
import io.netty.channel.DefaultEventLoop;
import io.netty.util.concurrent.Future;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HostNamesTest {
  private static final InetAddress V4 = InetAddress.ofLiteral("198.18.0.1");
  private static final InetAddress V6 = InetAddress.ofLiteral("fd00:c01::1");

  private final DefaultEventLoop loop = new DefaultEventLoop();
  private final CountDownLatch answers = new CountDownLatch(1);
  private final AtomicInteger asked = new AtomicInteger();
  private final HostNames names = new HostNames(this::slowly);

  @AfterEach
  void end() throws InterruptedException {
    answers.countDown();
    loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  private InetAddress[] slowly(String name) throws UnknownHostException {
    asked.incrementAndGet();
    try {
      answers.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (name.startsWith("missing")) {
      throw new UnknownHostException(name);
    }
    return new InetAddress[] {V6, V4};
  }

  private Future<InetSocketAddress> resolve(String name, Class<? extends InetAddress> family) {
    return names.resolve(InetSocketAddress.createUnresolved(name, 443), List.of(family), loop);
  }

  /** Or a pod that connects to one slow name would leave no room for the names of others. */
  @Test
  void whoeverAsksForOneNameSharesAQuestion() throws Exception {
    List<Future<InetSocketAddress>> same = new ArrayList<>();
    for (int i = 0; i < 10 * HostNames.AT_ONCE; i++) {
      same.add(resolve("slow.example", i % 2 == 0 ? Inet4Address.class : Inet6Address.class));
    }
    Future<InetSocketAddress> other = resolve("other.example", Inet4Address.class);
    Await.until("both names are asked for", () -> asked.get() == 2);
    answers.countDown();
    for (int i = 0; i < same.size(); i++) {
      assertThat(same.get(i).get(30, TimeUnit.SECONDS))
          .isEqualTo(new InetSocketAddress(i % 2 == 0 ? V4 : V6, 443));
    }
    assertThat(other.get(30, TimeUnit.SECONDS).getAddress()).isEqualTo(V4);
    assertThat(asked).hasValue(2);
  }

  @Test
  void namesBeyondTheRoomAreRefusedUntilThereIsSome() throws Exception {
    List<Future<InetSocketAddress>> many = new ArrayList<>();
    for (int i = 0; i < HostNames.AT_ONCE; i++) {
      many.add(resolve("n%d.example".formatted(i), Inet4Address.class));
    }
    Future<InetSocketAddress> beyond = resolve("beyond.example", Inet4Address.class);
    assertThat(beyond.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(beyond.cause()).hasMessageContaining("beyond.example: 64 names are asked for");
    answers.countDown();
    for (Future<InetSocketAddress> one : many) {
      assertThat(one.get(30, TimeUnit.SECONDS).getAddress()).isEqualTo(V4);
    }
    assertThat(resolve("beyond.example", Inet4Address.class).get(30, TimeUnit.SECONDS).getPort())
        .isEqualTo(443);
  }

  @Test
  void nameThatIsMissingIsAskedForAnewTheNextTime() throws Exception {
    answers.countDown();
    for (int i = 1; i <= 2; i++) {
      Future<InetSocketAddress> missing = resolve("missing.example", Inet4Address.class);
      assertThat(missing.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(missing.cause()).isInstanceOf(UnknownHostException.class);
      assertThat(asked).hasValue(i);
    }
  }
}
