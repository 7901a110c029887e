// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.waypoint.http.Http2End;
import dev.culvert.waypoint.http.Http2Messages;
import dev.culvert.waypoint.http.Http2Session;
import dev.culvert.waypoint.http.HttpStream;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.http.StreamFailure;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/** A request of an HTTP/2 client. */
final class Http2ClientStream extends Http2End implements ClientStream {
  private final ClientConnection connection;
  private final boolean webSocket;
  private @Nullable Http2Headers head;
  private boolean answered;

  Http2ClientStream(
      Http2Session session,
      Http2Stream stream,
      ClientConnection connection,
      Http2Headers headers,
      boolean ended) {
    super(session, stream, ended);
    this.connection = connection;
    this.webSocket = Http2Messages.isWebSocket(headers);
  }

  void begin(ExchangeStarter exchanges, HttpRequest head) {
    HttpStream.Events told = exchanges.begin(this, head);
    if (isOutputEnded()) {
      return;
    }
    events(told);
    if (isInputEnded()) {
      inputEnded();
    }
    told.dataComplete();
  }

  /** Ends it when nothing moved on it since. */
  void endIfIdleSince(long then) {
    if (moved() - then >= 0) {
      return;
    }
    fail(new StreamFailure(ResponseFlag.IDLE_TIMEOUT, "nothing moved for too long"));
    if (answered) {
      reset(Http2Error.CANCEL);
    } else {
      refuse(HttpResponseStatus.REQUEST_TIMEOUT.code());
    }
  }

  /** Answers a request that was never begun. */
  void refuse(int status) {
    writeHeaders(new DefaultHttp2Headers().status(Integer.toString(status)), true);
    finish();
  }

  @Override
  protected void headersRead(Http2Headers headers, boolean last) {
    trailersRead(headers, last);
  }

  @Override
  protected StreamFailure failure(@Nullable Long resetCode) {
    return new StreamFailure(
        ResponseFlag.CLIENT_CLOSED,
        resetCode == null
            ? "the client's connection ended"
            : "the client reset the stream, " + Http2Error.valueOf(resetCode));
  }

  @Override
  public ClientConnection connection() {
    return connection;
  }

  @Override
  public void respond(HttpResponse response) {
    if (response.status().code() == 101 && !webSocket) {
      throw new IllegalStateException("101 to a request that asked for no other protocol");
    }
    sendHead();
    answered |= response.status().code() >= 200 || webSocket;
    // A WebSocket over HTTP/2 begins with 200 (RFC 8441, section 5).
    head = Http2Messages.toHttp2(response);
    if (response.status().code() < 200) {
      sendHead();
    }
  }

  /**
   * A head waits for what comes in the same turn: when that is the end, both are one frame, as
   * clients of gRPC ask of a call that fails at once (gRPC over HTTP2, Trailers-Only).
   */
  private void sendHead() {
    if (head != null) {
      writeHeaders(head, false);
      head = null;
    }
  }

  @Override
  public void write(ByteBuf data) {
    sendHead();
    super.write(data);
  }

  @Override
  public void end(HttpHeaders trailers) {
    if (head != null && trailers.isEmpty()) {
      writeHeaders(head, true);
      head = null;
    } else {
      sendHead();
      super.end(trailers);
    }
    finish();
  }

  @Override
  public void flush() {
    sendHead();
    super.flush();
  }

  /** Nobody takes the rest of the request; the response is whole all the same (RFC 9113, 8.1). */
  private void finish() {
    events(null);
    if (!isInputEnded()) {
      reset(Http2Error.NO_ERROR);
    }
    flush();
  }
}
