// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** HTTP/1.1: one request at a time, answers with a length. */
final class Http1Load extends LoadConnection {
  private static final ByteBuf REQUEST =
      text("GET /64 HTTP/1.1\r\nHost: %s\r\n\r\n".formatted(LoadOrder.NAME));

  private static final ByteBuf HEAD_END = text("\r\n\r\n");
  private static final String LENGTH = "\r\ncontent-length:";

  private long sentAt;

  Http1Load(Tally tally, Events events) {
    super(tally, 1, events);
  }

  private static ByteBuf text(String text) {
    return Unpooled.unreleasableBuffer(
        Unpooled.directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII)).asReadOnly());
  }

  @Override
  void greet(ChannelHandlerContext context) {}

  @Override
  void request(ChannelHandlerContext context, long at) {
    sentAt = at;
    var _ = context.writeAndFlush(REQUEST.duplicate(), context.voidPromise());
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int end = ByteBufUtil.indexOf(HEAD_END, in);
    if (end < 0) {
      return;
    }
    int head = end - in.readerIndex();
    String text = in.toString(in.readerIndex(), head, StandardCharsets.US_ASCII);
    int all = head + HEAD_END.readableBytes() + length(text);
    if (in.readableBytes() >= all) {
      in.skipBytes(all);
      answered(text.startsWith("HTTP/1.1 200"), sentAt);
    }
  }

  private static int length(String head) {
    int begin = head.toLowerCase(Locale.ROOT).indexOf(LENGTH);
    if (begin < 0) {
      throw new IllegalStateException("an answer without a length: " + head);
    }
    int value = begin + LENGTH.length();
    int end = head.indexOf('\r', value);
    return Integer.parseInt(head.substring(value, end < 0 ? head.length() : end).strip());
  }
}
