// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Frames as bytes, also such as nobody should send. */
public final class RawFrame {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private RawFrame() {}

  public static byte[] of(int type, int flags, int stream, byte... payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .putInt(payload.length << 8 | type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /** Numbers of four bytes each as the payload. */
  public static byte[] ofInts(int type, int flags, int stream, int... payload) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * payload.length);
    for (int one : payload) {
      bytes.putInt(one);
    }
    return of(type, flags, stream, bytes.array());
  }

  public static byte[] setting(int id, int value) {
    return of(4, 0, 0, ByteBuffer.allocate(6).putShort((short) id).putInt(value).array());
  }

  public static byte[] greeting() {
    return join(PREFACE, of(4, 0, 0));
  }

  public static byte[] join(byte[]... parts) {
    ByteBuf all = Unpooled.wrappedBuffer(parts);
    byte[] joined = new byte[all.readableBytes()];
    all.readBytes(joined);
    return joined;
  }

  /** Without state: no header gets into the table. */
  public static byte[] block(Http2Headers headers) {
    ByteBuf block = Unpooled.buffer();
    try {
      new DefaultHttp2HeadersEncoder((name, value) -> true).encodeHeaders(1, headers, block);
    } catch (Http2Exception e) {
      throw new IllegalArgumentException(e);
    }
    byte[] bytes = new byte[block.readableBytes()];
    block.readBytes(bytes);
    return bytes;
  }
}
