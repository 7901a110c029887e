// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.http.HttpStream;
import dev.culvert.waypoint.http.StreamFailure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WaitingBodyTest {
  private final WaitingBody body = new WaitingBody();
  private final Poured poured = new Poured();

  private static ByteBuf bytes(String text) {
    return UnpooledByteBufAllocator.DEFAULT.buffer().writeBytes(text.getBytes(US_ASCII));
  }

  @Test
  void manySmallPartsCostTheirBytesOnly() {
    ByteBuf read = bytes("abcdefghij".repeat(1_000));
    for (int i = 0; i < 10_000; i++) {
      body.add(read.retainedSlice(i, 1));
    }
    assertThat(read.refCnt()).as("all but the first were copied out").isEqualTo(2);
    body.pour(poured);
    assertThat(poured.parts).hasSizeLessThan(5);
    assertThat(String.join("", poured.parts)).isEqualTo("abcdefghij".repeat(1_000));
    assertThat(read.refCnt()).isEqualTo(1);
    read.release();
  }

  @Test
  void partsOfAnySizeStayInOrder() {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      String part = String.valueOf((char) ('a' + i % 26)).repeat(i % 7 == 0 ? 5_000 : i % 50);
      all.append(part);
      body.add(bytes(part));
      if (i == 200) {
        body.pour(poured);
      }
    }
    assertThat(new String(body.copy(4), US_ASCII)).isEqualTo("tuuv");
    body.end(EmptyHttpHeaders.INSTANCE);
    body.pour(poured);
    assertThat(String.join("", poured.parts)).isEqualTo(all.toString());
    assertThat(poured.ended).isTrue();
  }

  @Test
  void whatIsGivenUpIsReleased() {
    ByteBuf first = bytes("a");
    ByteBuf small = bytes("b");
    body.add(first);
    body.add(small);
    body.release();
    assertThat(first.refCnt()).isZero();
    assertThat(small.refCnt()).isZero();
    body.add(Unpooled.copiedBuffer("c", US_ASCII));
    body.pour(poured);
    assertThat(poured.parts).containsExactly("c");
  }

  private static final class Poured implements HttpStream.Events {
    private final List<String> parts = new ArrayList<>();
    private boolean ended;

    @Override
    public void data(ByteBuf data) {
      parts.add(data.toString(US_ASCII));
      data.release();
    }

    @Override
    public void ended(HttpHeaders trailers) {
      ended = true;
    }

    @Override
    public void dataComplete() {}

    @Override
    public void writable() {}

    @Override
    public void failed(StreamFailure failure) {}
  }
}
