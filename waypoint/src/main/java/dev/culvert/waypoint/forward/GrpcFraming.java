// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Unary calls of our own (gRPC over HTTP2): one message there and one back. */
public final class GrpcFraming {
  private static final int PREFIX = 5;

  private GrpcFraming() {}

  /** The head of a call. */
  public static HttpRequest head(String method, String authority, Duration timeout) {
    HttpRequest head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, method);
    head.headers()
        .set(HttpHeaderNames.HOST, authority)
        .set(HttpHeaderNames.CONTENT_TYPE, "application/grpc")
        .set(HttpHeaderNames.TE, "trailers")
        .set("grpc-timeout", timeout.toMillis() + "m");
    return head;
  }

  /** The body of a call. */
  public static byte[] body(byte[] message) {
    return ByteBuffer.allocate(PREFIX + message.length)
        .put((byte) 0)
        .putInt(message.length)
        .put(message)
        .array();
  }

  /**
   * The message of an answer.
   *
   * @throws IllegalArgumentException when the call failed, or its answer is no single message
   */
  public static ByteBuffer message(CallAnswer.Whole answer) {
    String status = answer.trailers().get("grpc-status", answer.headers().get("grpc-status"));
    if (answer.status() != 200 || !"0".equals(status)) {
      throw new IllegalArgumentException(
          "it answered with status %d, grpc-status %s".formatted(answer.status(), status));
    }
    ByteBuffer framed = answer.body().asReadOnlyByteBuffer();
    int length = framed.remaining() - PREFIX;
    if (length < 0 || framed.get() != 0 || framed.getInt() != length) {
      throw new IllegalArgumentException("its answer is no single message without compression");
    }
    return framed;
  }
}
