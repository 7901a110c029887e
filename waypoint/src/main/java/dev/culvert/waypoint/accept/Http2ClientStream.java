// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.waypoint.http.Http2End;
import dev.culvert.waypoint.http.Http2Fields;
import dev.culvert.waypoint.http.Http2Session;
import dev.culvert.waypoint.http.HttpStream;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.http.StreamFailure;
import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** A request of an HTTP/2 client. */
final class Http2ClientStream extends Http2End implements ClientStream {
  private final ClientConnection connection;
  private final boolean webSocket;
  private @Nullable HttpResponse head;
  private boolean answered;

  Http2ClientStream(
      Http2Session session, int id, ClientConnection connection, boolean webSocket, boolean ended) {
    super(session, id, ended);
    this.connection = connection;
    this.webSocket = webSocket;
  }

  /** What its head says of the body; throws IllegalArgumentException when that cannot be. */
  void expectBody(HttpRequest request) {
    expect(request.headers());
    if (isInputEnded() && !isComplete()) {
      throw new IllegalArgumentException("content-length without a body");
    }
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
      reset(ErrorCode.CANCEL);
    } else {
      refuse(HttpResponseStatus.REQUEST_TIMEOUT.code());
    }
  }

  /** Answers a request that was never begun. */
  void refuse(int status) {
    writeHead(
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status)), true);
    finish();
  }

  @Override
  protected void headersRead(Http2Fields headers, boolean last) {
    trailersRead(headers, last);
  }

  @Override
  protected StreamFailure failure(@Nullable Long resetCode) {
    return new StreamFailure(
        ResponseFlag.CLIENT_CLOSED,
        resetCode == null
            ? "the client's connection ended"
            : "the client reset the stream, " + ErrorCode.name(resetCode));
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
    head = response;
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
      writeHead(head, false);
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
      writeHead(head, true);
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

  /** Nobody takes the rest of the request. */
  private void finish() {
    events(null);
    flush();
  }

  /** The response is whole all the same (RFC 9113, section 8.1). */
  @Override
  protected void sentBeforeInput() {
    reset(ErrorCode.NO_ERROR);
  }
}
