// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.http.Http2End;
import dev.culvert.waypoint.http.Http2Fields;
import dev.culvert.waypoint.http.Http2Messages;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.http.StreamFailure;
import dev.culvert.waypoint.http.WebSocketAccept;
import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A request on an HTTP/2 connection to a backend; it has a stream from its head on. */
final class Http2BackendStream implements BackendStream {
  private final Http2Backend backend;
  private final boolean reused;
  private @Nullable End end;
  private boolean released;

  Http2BackendStream(Http2Backend backend, boolean reused) {
    this.backend = backend;
    this.reused = reused;
  }

  @Override
  public boolean isReused() {
    return reused;
  }

  @Override
  public @Nullable InetSocketAddress local() {
    return BackendChannel.local(backend.context().channel());
  }

  @Override
  public void send(HttpRequest head, boolean ended, Events events) {
    if (!backend.takesStreams()) {
      release();
      events.failed(
          new StreamFailure(ResponseFlag.UPSTREAM_RESET, "the stream could not be opened", true));
      return;
    }
    boolean webSocket = head.headers().contains(HttpHeaderNames.UPGRADE);
    end = new End(backend.nextId(), events, webSocket ? key(head) : null);
    backend.attachEnd(end);
    end.begin(head, ended && !webSocket);
  }

  private static String key(HttpRequest head) {
    return head.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY, "");
  }

  private void release() {
    if (!released) {
      released = true;
      backend.released();
    }
  }

  @Override
  public void write(ByteBuf data) {
    if (end == null) {
      data.release();
    } else {
      end.write(data);
    }
  }

  @Override
  public void end(HttpHeaders trailers) {
    if (end != null) {
      end.end(trailers);
    }
  }

  @Override
  public void flush() {
    if (end != null) {
      end.flush();
    }
  }

  @Override
  public boolean isWritable() {
    return end != null && end.isWritable();
  }

  @Override
  public void consumed(int bytes) {
    if (end != null) {
      end.consumed(bytes);
    }
  }

  @Override
  public void reset() {
    if (end == null) {
      release();
    } else {
      end.reset();
    }
  }

  /** The stream once it is open. */
  final class End extends Http2End {
    private final BackendStream.Events events;
    private final @Nullable String webSocketKey;
    private boolean responded;

    /**
     * @param webSocketKey of a client that wants a WebSocket; null of others
     */
    End(int id, BackendStream.Events events, @Nullable String webSocketKey) {
      super(backend, id, false);
      this.events = events;
      this.webSocketKey = webSocketKey;
      events(events);
    }

    void begin(HttpRequest head, boolean last) {
      writeHead(head, "http", last);
    }

    @Override
    protected void headersRead(Http2Fields headers, boolean last) {
      if (responded) {
        trailersRead(headers, last);
        endUnsent();
        return;
      }
      if (events() == null) {
        return;
      }
      HttpResponse head;
      try {
        head = Http2Messages.response(headers);
      } catch (IllegalArgumentException e) {
        malformed(e.getMessage());
        return;
      }
      int status = head.status().code();
      responded = status >= 200;
      if (last && !responded) {
        malformed("it ends before its head");
        return;
      }
      if (!expects(head)) {
        return;
      }
      if (webSocketKey != null && status == 200) {
        head.setStatus(HttpResponseStatus.SWITCHING_PROTOCOLS);
        head.headers()
            .set(HttpHeaderNames.UPGRADE, "websocket")
            .set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, WebSocketAccept.of(webSocketKey));
      }
      events.response(head);
      if (last) {
        inputEnded();
        endUnsent();
      }
    }

    /** Whether what it says of its body can be. */
    private boolean expects(HttpResponse head) {
      try {
        if (responded) {
          expect(head.headers());
        }
        return true;
      } catch (IllegalArgumentException e) {
        malformed("a content-length that is none");
        return false;
      }
    }

    /** Nobody sends the rest of a request whose response is whole, and its stream would stay. */
    private void endUnsent() {
      if (isInputEnded() && !isSentWhole()) {
        reset(ErrorCode.CANCEL);
      }
    }

    @Override
    protected void dataRead(ByteBuf data, boolean last) {
      if (responded || events() == null) {
        super.dataRead(data, last);
        endUnsent();
      } else {
        int bytes = data.readableBytes();
        data.release();
        consumed(bytes);
        malformed("it has a body before its head");
      }
    }

    /** Tells first, since a stream that is reset says only that it is gone. */
    @Override
    protected void malformed(String problem) {
      fail(new StreamFailure(ResponseFlag.UPSTREAM_PROTOCOL, "the backend's response: " + problem));
      reset(ErrorCode.PROTOCOL_ERROR);
    }

    @Override
    protected StreamFailure failure(@Nullable Long code) {
      if (code == null) {
        return new StreamFailure(
            ResponseFlag.UPSTREAM_CLOSED, "the backend's connection ended", backend.isUnseen(id()));
      }
      return new StreamFailure(
          ResponseFlag.UPSTREAM_RESET,
          "the backend reset the stream, " + ErrorCode.name(code),
          code == ErrorCode.REFUSED_STREAM.code());
    }

    @Override
    protected void over() {
      release();
    }
  }
}
