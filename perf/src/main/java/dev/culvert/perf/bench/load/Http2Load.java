// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * HTTP/2 (RFC 9113) as far as such requests need it: of an answer's fields only the status is read,
 * by its place in HPACK's static table.
 */
final class Http2Load extends LoadConnection {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final int HEAD = 9;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  private static final int ACK = 1;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int PADDED = 8;
  private static final int PRIORITY = 32;
  private static final int STATUS_200 = 0x88;

  /** All that the peer may ever send: no other WINDOW_UPDATE is needed for a few seconds. */
  private static final int WINDOW = Integer.MAX_VALUE - 65_535;

  /** A power of two above the streams that are open at once, and those between them. */
  private static final int PLACES = 4096;

  private final ByteBuf block = block();
  private final long[] sentAt = new long[PLACES];
  private final boolean[] good = new boolean[PLACES];
  private int next = 1;

  Http2Load(Tally tally, int streams, Events events) {
    super(tally, streams, events);
  }

  /** GET, https, path and authority, the last two as literals without indexing (RFC 7541). */
  private static ByteBuf block() {
    ByteBuf block = Unpooled.buffer().writeByte(0x82).writeByte(0x87);
    literal(block, 4, "/64");
    literal(block, 1, LoadOrder.NAME);
    return block;
  }

  private static void literal(ByteBuf block, int name, String value) {
    block.writeByte(name).writeByte(value.length());
    block.writeCharSequence(value, StandardCharsets.US_ASCII);
  }

  @Override
  void greet(ChannelHandlerContext context) {
    ByteBuf out = context.alloc().directBuffer().writeBytes(PREFACE);
    head(out, 0, SETTINGS, 0, 0);
    head(out, Integer.BYTES, WINDOW_UPDATE, 0, 0).writeInt(WINDOW);
    var _ = context.writeAndFlush(out);
  }

  @Override
  void request(ChannelHandlerContext context, long at) {
    int id = next;
    next += 2;
    sentAt[place(id)] = at;
    int length = block.readableBytes();
    ByteBuf out = context.alloc().directBuffer(HEAD + length);
    head(out, length, HEADERS, END_HEADERS | END_STREAM, id);
    out.writeBytes(block, block.readerIndex(), length);
    var _ = context.writeAndFlush(out, context.voidPromise());
  }

  private static ByteBuf head(ByteBuf out, int length, int type, int flags, int id) {
    return out.writeMedium(length).writeByte(type).writeByte(flags).writeInt(id);
  }

  private static int place(int id) {
    return (id >>> 1) & (PLACES - 1);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (in.readableBytes() < HEAD) {
      return;
    }
    int length = in.getUnsignedMedium(in.readerIndex());
    if (in.readableBytes() < HEAD + length) {
      return;
    }
    int type = in.getByte(in.readerIndex() + 3);
    int flags = in.getByte(in.readerIndex() + 4);
    int id = in.getInt(in.readerIndex() + 5);
    in.skipBytes(HEAD);
    frame(ctx, type, flags, id, in.readSlice(length));
  }

  private void frame(ChannelHandlerContext ctx, int type, int flags, int id, ByteBuf body) {
    switch (type) {
      case HEADERS -> {
        int skipped = ((flags & PADDED) != 0 ? 1 : 0) + ((flags & PRIORITY) != 0 ? 5 : 0);
        good[place(id)] = body.getUnsignedByte(body.readerIndex() + skipped) == STATUS_200;
        endIfLast(flags, id);
      }
      case DATA -> endIfLast(flags, id);
      case SETTINGS, PING -> answer(ctx, type, flags, body);
      case RST_STREAM -> answered(false, sentAt[place(id)]);
      case GOAWAY -> throw new IllegalStateException("the door ends a connection");
      default -> {
        // Windows never close on so little; the rest may be ignored.
      }
    }
  }

  private void endIfLast(int flags, int id) {
    if ((flags & END_STREAM) != 0) {
      answered(good[place(id)], sentAt[place(id)]);
    }
  }

  private static void answer(ChannelHandlerContext ctx, int type, int flags, ByteBuf body) {
    if ((flags & ACK) == 0) {
      int length = type == PING ? body.readableBytes() : 0;
      ByteBuf out = ctx.alloc().directBuffer(HEAD + length);
      head(out, length, type, ACK, 0).writeBytes(body, body.readerIndex(), length);
      var _ = ctx.writeAndFlush(out);
    }
  }
}
