// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.http.Http1Output;
import dev.culvert.waypoint.http.ReadBudget;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.http.StreamFailure;
import dev.culvert.ztunnel.transport.Leaving;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1 connection to a backend: one request at a time. It serves the next one only when both
 * messages ended as they should and nothing came after the response, so that no client gets what
 * was meant for another.
 */
final class Http1Backend extends ChannelInboundHandlerAdapter implements BackendStream {
  private final Http1Pool pool;
  private final PoolSettings settings;
  private final Http1ResponseDecoder decoder;

  private ChannelHandlerContext ctx;
  private Http1Output output;
  private ReadBudget budget;
  private @Nullable Events current;
  private boolean resting;
  private long restsUntil;
  private int served;
  private boolean requestEnded;
  private boolean keepAlive;
  private boolean isFinal;
  private boolean tunnel;
  private boolean wasActive;
  private boolean leaving;
  private boolean closed;

  Http1Backend(Http1Pool pool, PoolSettings settings) {
    this.pool = pool;
    this.settings = settings;
    this.decoder = new Http1ResponseDecoder(settings.maxHeadBytes());
  }

  /** Puts its handlers on a connection. */
  ChannelHandler initializer() {
    return new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel channel) {
        channel.pipeline().addLast("responses", decoder).addLast("backend", Http1Backend.this);
      }
    };
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    ctx = added;
    output = new Http1Output(added);
    budget = new ReadBudget(added.channel(), settings.responseWindow());
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext removed) {
    output.close();
  }

  @Override
  public void channelActive(ChannelHandlerContext from) {
    wasActive = true;
  }

  // === the pool's side ===

  void take() {
    resting = false;
  }

  /** Nobody uses it. */
  void rest(long until) {
    resting = true;
    restsUntil = until;
  }

  /** When it ends if nobody uses it until then, by System.nanoTime. */
  long restsUntil() {
    return restsUntil;
  }

  /** Whether its other end waits for the end of it. */
  boolean isLeaving() {
    return leaving;
  }

  void close() {
    var _ = ctx.close();
  }

  // === BackendStream ===

  @Override
  public boolean isReused() {
    return served > 0;
  }

  @Override
  public @Nullable InetSocketAddress local() {
    return BackendChannel.local(ctx.channel());
  }

  @Override
  public void send(HttpRequest head, boolean ended, Events events) {
    current = events;
    requestEnded = ended;
    keepAlive = true;
    isFinal = false;
    HttpHeaders headers = head.headers();
    boolean upgrade = headers.contains(HttpHeaderNames.UPGRADE);
    if (upgrade) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    }
    if (!ended && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    head.setProtocolVersion(HttpVersion.HTTP_1_1);
    decoder.asked(head.method(), upgrade);
    output.begin(head);
  }

  @Override
  public void write(ByteBuf data) {
    output.data(data);
  }

  @Override
  public void end(HttpHeaders trailers) {
    if (tunnel) {
      output.pass();
      ctx.writeAndFlush(io.netty.buffer.Unpooled.EMPTY_BUFFER).addListener(done -> close());
      return;
    }
    requestEnded = true;
    output.end(trailers);
  }

  @Override
  public void flush() {
    output.flush();
  }

  @Override
  public boolean isWritable() {
    return ctx.channel().isWritable();
  }

  @Override
  public void consumed(int bytes) {
    budget.gave(bytes);
  }

  @Override
  public void reset() {
    current = null;
    close();
  }

  // === what comes from the backend ===

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event == Leaving.PEER) {
      leaving = true;
      if (resting) {
        close();
      }
    }
    from.fireUserEventTriggered(event);
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    if (current == null) {
      ReferenceCountUtil.release(message);
      close(); // nothing was asked: whatever this is, nobody may get it
      return;
    }
    if (message instanceof HttpResponse head) {
      head(head);
    }
    if (message instanceof HttpContent content) {
      content(content);
    } else if (message instanceof ByteBuf bytes) {
      budget.took(bytes.readableBytes());
      current.data(bytes);
    }
  }

  private void head(HttpResponse head) {
    if (head.decoderResult().isFailure()) {
      broken(head.decoderResult().cause());
      return;
    }
    HttpVersion version = head.protocolVersion();
    if (version.majorVersion() != 1 || !version.protocolName().equals("HTTP")) {
      broken(new IllegalStateException("version " + version.text()));
      return;
    }
    int status = head.status().code();
    if (status == 101 && decoder.isSwitchingToNonHttp1Protocol(head)) {
      tunnel = true;
      output.speakBytes();
    } else if (status == 101) {
      broken(new IllegalStateException("101 to a request that asked for no other protocol"));
      return;
    } else if (status >= 200) {
      isFinal = true;
      keepAlive = HttpUtil.isKeepAlive(head) && hasEnd(head);
    }
    // Ours it is that the client hears (RFC 9110, section 6.2).
    head.setProtocolVersion(HttpVersion.HTTP_1_1);
    current.response(head);
  }

  /** Without one of these the body goes on to the end of the connection. */
  private boolean hasEnd(HttpResponse head) {
    return HttpUtil.isTransferEncodingChunked(head)
        || head.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
        || decoder.isContentAlwaysEmpty(head);
  }

  private void content(HttpContent content) {
    if (current == null) {
      content.release();
      return;
    }
    if (content.decoderResult().isFailure()) {
      content.release();
      broken(content.decoderResult().cause());
      return;
    }
    if (content.content().isReadable()) {
      budget.took(content.content().readableBytes());
      current.data(content.content());
    } else {
      content.release();
    }
    // An interim response ends too, and so does the head of another protocol.
    if (content instanceof LastHttpContent last && current != null && isFinal) {
      whole(last.trailingHeaders());
    }
  }

  private void whole(HttpHeaders trailers) {
    Events told = current;
    current = null;
    served++;
    // Bytes after the response would be taken for the next one's.
    if (keepAlive
        && !leaving
        && served < pool.maxRequests()
        && requestEnded
        && !decoder.holdsMore()
        && ctx.channel().isActive()) {
      budget.reset();
      pool.release(this);
    } else {
      close();
    }
    told.ended(trailers);
  }

  private void broken(Throwable cause) {
    Events told = current;
    current = null;
    told.failed(
        new StreamFailure(
            ResponseFlag.UPSTREAM_PROTOCOL, "the backend's response: " + cause.getMessage()));
    close();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    if (current != null) {
      current.dataComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext from) {
    if (current != null && from.channel().isWritable()) {
      current.writable();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    ended(new StreamFailure(ResponseFlag.UPSTREAM_CLOSED, String.valueOf(cause.getMessage())));
    close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    resting = false;
    if (tunnel && current != null) {
      Events told = current;
      current = null;
      told.ended(LastHttpContent.EMPTY_LAST_CONTENT.trailingHeaders());
    } else {
      ended(new StreamFailure(ResponseFlag.UPSTREAM_CLOSED, "the backend closed the connection"));
    }
    if (wasActive && !closed) {
      closed = true;
      pool.closed(this);
    }
  }

  private void ended(StreamFailure failure) {
    Events told = current;
    current = null;
    if (told != null) {
      told.failed(failure);
    }
  }
}
