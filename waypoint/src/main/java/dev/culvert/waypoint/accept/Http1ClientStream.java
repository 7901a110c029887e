// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.waypoint.http.BodyFraming;
import dev.culvert.waypoint.http.HttpStream;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.http.StreamFailure;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/** A request of an HTTP/1 client, and the response to it. */
final class Http1ClientStream implements ClientStream {
  private final Http1Client client;
  private final Http1Wire wire;
  private final Http1Framing framing;
  private HttpStream.@Nullable Events events;
  private boolean requestEnded;
  private boolean responseStarted;
  private boolean responseEnded;
  private boolean tunnel;

  Http1ClientStream(Http1Client client, Http1Wire wire, HttpRequest head) {
    this.client = client;
    this.wire = wire;
    this.framing = new Http1Framing(head);
    // Known before the end of it comes: an answer may be given at once.
    this.requestEnded = BodyFraming.isNone(head.headers());
  }

  void begin(ExchangeStarter exchanges, HttpRequest head) {
    HttpStream.Events told = exchanges.begin(this, head);
    if (!responseEnded) {
      events = told;
    }
  }

  // === what the client sends ===

  /** A part of the request, or bytes of another protocol. */
  void data(ByteBuf bytes) {
    if (events == null) {
      bytes.release();
    } else {
      wire.took(bytes.readableBytes());
      events.data(bytes);
    }
  }

  void requestEnded(HttpHeaders trailers) {
    requestEnded = true;
    if (events != null) {
      events.ended(trailers);
    }
  }

  void dataComplete() {
    if (events != null) {
      events.dataComplete();
    }
  }

  void writable() {
    if (events != null) {
      events.writable();
    }
  }

  /** The connection is gone; that is how another protocol ends. */
  void closed() {
    if (tunnel && events != null) {
      events.ended(EmptyHttpHeaders.INSTANCE);
      events = null;
    } else {
      failed(new StreamFailure(ResponseFlag.CLIENT_CLOSED, "the client closed"));
    }
  }

  /** Nothing more comes. */
  void failed(StreamFailure failure) {
    HttpStream.Events told = events;
    events = null;
    if (told != null) {
      told.failed(failure);
    }
  }

  // === what becomes of the connection ===

  boolean isAnswered() {
    return responseStarted;
  }

  /** Whether the connection can go on with another request. */
  boolean leavesConnection() {
    return requestEnded && !tunnel && framing.keepsAlive();
  }

  /** Whether nothing that the client sends from now on is of use to it. */
  boolean isLast() {
    return requestEnded && !tunnel && framing.isLast();
  }

  // === ClientStream ===

  @Override
  public ClientConnection connection() {
    return client.connection();
  }

  @Override
  public void respond(HttpResponse head) {
    int status = head.status().code();
    if (status == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
      switchProtocol(head);
    } else if (status >= 200) {
      responseStarted = true;
      framing.frame(head, client.isDraining());
      wire.begin(head);
    } else if (framing.takesInterim()) {
      wire.begin(head);
      wire.end(EmptyHttpHeaders.INSTANCE);
    }
  }

  private void switchProtocol(HttpResponse head) {
    responseStarted = true;
    tunnel = true;
    framing.upgrade(head);
    wire.begin(head);
    wire.speakBytes();
  }

  @Override
  public void write(ByteBuf data) {
    client.moved();
    wire.data(data);
  }

  @Override
  public void end(HttpHeaders trailers) {
    responseEnded = true;
    events = null;
    if (!tunnel) {
      wire.end(trailers);
    }
    client.ended(this);
  }

  @Override
  public void flush() {
    wire.flush();
  }

  @Override
  public boolean isWritable() {
    return wire.isWritable();
  }

  @Override
  public void consumed(int bytes) {
    wire.gave(bytes);
  }

  @Override
  public void reset() {
    if (!responseEnded) {
      responseEnded = true;
      events = null;
      client.die();
    }
  }
}
