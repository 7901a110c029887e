// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.peers.LeakWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class HalfInputTest {
  private final HalfInput input = new HalfInput();
  private final Taker taker = new Taker();

  @AfterAll
  static void nothingLeaked() throws Exception {
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  private static ByteBuf bytes(String text) {
    return ByteBufUtil.writeUtf8(PooledByteBufAllocator.DEFAULT, text);
  }

  @Test
  void whatCameEarlyIsDeliveredWithItsEnd() {
    assertThat(input.data(bytes("a"))).isFalse();
    assertThat(input.data(bytes("b"))).isFalse();
    input.dataComplete();
    input.end();
    assertThat(input.isEnded()).isTrue();
    input.start(taker);
    assertThat(taker.seen()).isEqualTo("ab|.");
    assertThat(input.holds()).isFalse();
  }

  @Test
  void whatComesLaterIsHandedOnAtOnce() {
    input.start(taker);
    assertThat(input.data(bytes("a"))).isTrue();
    input.dataComplete();
    input.end();
    assertThat(taker.seen()).isEqualTo("a|.");
  }

  @Test
  void pausedHoldsDataAndTheEndBehindIt() {
    input.start(taker);
    input.pause(true);
    assertThat(input.data(bytes("a"))).isFalse();
    input.end();
    assertThat(taker.seen()).isEmpty();
    input.pause(false);
    assertThat(taker.seen()).isEqualTo("a|.");
  }

  @Test
  void anEndWithNothingBeforeItIsToldWhilePaused() {
    input.start(taker);
    input.pause(true);
    input.end();
    assertThat(taker.seen()).isEqualTo(".");
  }

  @Test
  void takerThatStopsInTheMiddleGetsTheRestLater() {
    String long1 = "1".repeat(10_000);
    String long2 = "2".repeat(10_000);
    input.data(bytes(long1));
    input.data(bytes(long2));
    taker.then = () -> input.pause(true);
    input.start(taker);
    assertThat(taker.seen()).isEqualTo(long1 + "|");
    taker.then = () -> {};
    input.pause(false);
    assertThat(taker.seen()).isEqualTo(long1 + "|" + long2 + "|");
  }

  @Test
  void takerThatBreaksItOffGetsNothingMore() {
    input.data(bytes("1".repeat(10_000)));
    input.data(bytes("2".repeat(10_000)));
    input.end();
    taker.then = input::drop;
    input.start(taker);
    assertThat(taker.seen()).isEqualTo("1".repeat(10_000));
    assertThat(input.holds()).isFalse();
  }

  @Test
  void droppedDeliversNothing() {
    input.data(bytes("a"));
    input.drop();
    input.data(bytes("b"));
    input.end();
    input.start(taker);
    input.dataComplete();
    assertThat(taker.seen()).isEmpty();
  }

  /** Writes down what it gets: data as it is, a flush as |, the end as a full stop. */
  private static final class Taker implements Half.Events {
    private final List<String> events = new ArrayList<>();
    private Runnable then = () -> {};

    String seen() {
      return String.join("", events);
    }

    @Override
    public void data(ByteBuf data) {
      events.add(data.toString(US_ASCII));
      data.release();
      then.run();
    }

    @Override
    public void dataComplete() {
      events.add("|");
    }

    @Override
    public void inputEnded() {
      events.add(".");
    }

    @Override
    public void outputEnded() {
      events.add("output ended");
    }

    @Override
    public void writable() {
      events.add("writable");
    }

    @Override
    public void failed(Throwable cause) {
      events.add("failed");
    }
  }
}
