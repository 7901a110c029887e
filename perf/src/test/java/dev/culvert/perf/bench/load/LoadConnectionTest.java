// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoadConnectionTest implements LoadConnection.Events {
  private final Tally tally = new Tally();
  private EmbeddedChannel channel = new EmbeddedChannel();
  private int rooms;
  private String why = "";

  private void open(LoadConnection connection) {
    channel = new EmbeddedChannel(connection);
    channel.pipeline().fireUserEventTriggered(SslHandshakeCompletionEvent.SUCCESS);
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void answersOverHttp1AreCountedWhereverTheyAreCut() {
    LoadConnection connection = new Http1Load(tally, this);
    open(connection);
    connection.send(System.nanoTime());
    assertThat(sent()).startsWith("GET /64 HTTP/1.1\r\n").endsWith("\r\n\r\n");
    assertThat(connection.hasRoom()).isFalse();
    arrive(
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nServer: x\r\n\r\nabc"
            .getBytes(StandardCharsets.US_ASCII));
    assertThat(rooms).isEqualTo(1);
    connection.send(System.nanoTime());
    arrive("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(tally.line(1000)).startsWith("load requests=1 all=1 errors=1 micros=1000 ");
  }

  @Test
  void answersOverHttp2AreCountedWhereverTheyAreCut() {
    LoadConnection connection = new Http2Load(tally, 2, this);
    open(connection);
    assertThat(sent()).startsWith("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    connection.send(System.nanoTime());
    connection.send(System.nanoTime());
    assertThat(connection.hasRoom()).isFalse();
    sent();
    arrive(frames("000000040000000000"));
    assertThat(ByteBufUtil.hexDump(channel.<ByteBuf>readOutbound()))
        .isEqualTo("000000040100000000");
    // 200 and four bytes for the second stream, then 404 without any for the first.
    arrive(frames("00000101040000000388", "00000400010000000361626364"));
    arrive(frames("0000010105000000018d"));
    assertThat(rooms).isEqualTo(2);
    assertThat(tally.line(1000)).startsWith("load requests=1 all=1 errors=1 micros=1000 ");
  }

  @Test
  void doorThatResetsOrClosesGivesNoAnswer() {
    LoadConnection connection = new Http2Load(tally, 2, this);
    open(connection);
    connection.send(System.nanoTime());
    connection.send(System.nanoTime());
    arrive(frames("00000403000000000100000007"));
    assertThat(channel.close().isSuccess()).isTrue();
    assertThat(tally.line(1000)).startsWith("load requests=0 all=0 errors=2 ");
    assertThat(why).contains("closed");
  }

  @Test
  void whatCameBeforeTheFiguresIsCountedApart() {
    tally.answer(true, 5_000_000);
    tally.clear();
    tally.answer(true, 2_000);
    tally.answer(true, 9_000);
    assertThat(tally.line(7)).isEqualTo("load requests=2 all=3 errors=0 micros=7 p50=2 p99=9");
  }

  private static byte[] frames(String... hex) {
    return ByteBufUtil.decodeHexDump(String.join("", hex));
  }

  private void arrive(byte[] bytes) {
    for (byte each : bytes) {
      channel.writeInbound(Unpooled.buffer(1).writeByte(each));
    }
  }

  private String sent() {
    StringBuilder all = new StringBuilder();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      all.append(part.toString(StandardCharsets.US_ASCII));
    }
    return all.toString();
  }

  @Override
  public void ready(LoadConnection connection) {}

  @Override
  public void room(LoadConnection connection) {
    rooms++;
  }

  @Override
  public void broken(String reason) {
    why = reason;
  }
}
