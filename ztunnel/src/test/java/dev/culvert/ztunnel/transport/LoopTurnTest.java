// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.transport.PodReads.SharedHandle;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import org.junit.jupiter.api.Test;

class LoopTurnTest {
  private static final int MIB = 1024 * 1024;

  private long now;
  private final LoopTurn loop = new LoopTurn(() -> now);
  private final LoopTurn.Share noisy = loop.of("noisy");
  private final LoopTurn.Share quiet = loop.of("quiet");

  private static void read(LoopTurn.Share share, int bytes) {
    assertThat(share.left()).isPositive();
    share.took(bytes);
  }

  private void bothRead() {
    read(noisy, 1);
    read(quiet, 1);
    loop.over();
  }

  @Test
  void podAloneReadsAllThereIs() {
    for (int i = 0; i < 100; i++) {
      read(noisy, 10 * MIB);
      read(noisy, 10 * MIB);
      loop.over();
    }
    assertThat(noisy.left()).isGreaterThan(100 * MIB);
  }

  @Test
  void podsThatReadTogetherShareAPass() {
    bothRead();
    read(noisy, MIB);
    assertThat(noisy.left()).isZero();
    read(quiet, 1000);
    assertThat(quiet.left()).isEqualTo(MIB - 1000);
  }

  @Test
  void whatWasLeftOverIsNotKeptForTheNextPass() {
    bothRead();
    bothRead();
    assertThat(noisy.left()).isEqualTo(MIB);
  }

  @Test
  void whatWasTakenAboveTheShareIsForgottenWithThePass() {
    bothRead();
    read(noisy, 50 * MIB);
    assertThat(noisy.left()).isNegative();
    loop.over();
    assertThat(noisy.left()).isEqualTo(MIB);
  }

  @Test
  void morePodsHaveSmallerShares() {
    LoopTurn.Share third = loop.of("third");
    LoopTurn.Share fourth = loop.of("fourth");
    read(third, 1);
    read(fourth, 1);
    bothRead();
    assertThat(noisy.left()).isEqualTo(MIB / 2);
  }

  @Test
  void podThatWasQuietForLongHasNoPartKeptForIt() {
    bothRead();
    now += LoopTurn.CONTENDED_NANOS;
    read(noisy, 1);
    loop.over();
    assertThat(noisy.left()).isEqualTo(MIB);
    loop.over();
    now++;
    read(noisy, 1);
    loop.over();
    assertThat(noisy.left()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void samePodHasOneShareOfALoop() {
    assertThat(loop.of("noisy")).isSameAs(noisy);
    assertThat(loop.of("other")).isNotSameAs(noisy);
  }

  private static SharedHandle handle(LoopTurn.Share share) {
    var sizes = new AdaptiveRecvByteBufAllocator(1024, 64 * 1024, 256 * 1024);
    return new SharedHandle((ExtendedHandle) sizes.newHandle(), share);
  }

  private static void fill(SharedHandle handle) {
    int bytes = handle.guess();
    handle.attemptedBytesRead(bytes);
    handle.lastBytesRead(bytes);
    handle.incMessagesRead(1);
  }

  @Test
  void socketsOfAPodWithoutAShareReadLittleAndOnce() {
    bothRead();
    SharedHandle first = handle(noisy);
    SharedHandle second = handle(noisy);
    fill(first);
    assertThat(first.lastBytesRead()).isEqualTo(64 * 1024);
    read(noisy, MIB);
    assertThat(first.continueReading(() -> true)).isFalse();
    fill(second);
    assertThat(second.lastBytesRead()).isEqualTo(PodReads.LEAST);
    assertThat(second.continueReading(() -> true)).isFalse();
    fill(handle(quiet));
    assertThat(quiet.left()).isEqualTo(MIB - 64 * 1024);
  }
}
