// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.http.Http1Exception;
import dev.culvert.waypoint.http.Http1Input;
import dev.culvert.waypoint.http.Http1Messages;
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
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1 connection to a backend: one request at a time. It serves the next one only when both
 * messages ended as they should and nothing came after the response, so that no client gets what
 * was meant for another.
 */
final class Http1Backend extends ChannelInboundHandlerAdapter
    implements BackendStream, Http1Messages {
  private final Http1Pool pool;
  private final PoolSettings settings;

  private ChannelHandlerContext ctx;
  private Http1Input input;
  private Http1Output output;
  private ReadBudget budget;
  private @Nullable Events current;
  private @Nullable HttpResponse head;
  private HttpMethod asked = HttpMethod.GET;
  private boolean upgrade;
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
  }

  /** Puts its handlers on a connection. */
  ChannelHandler initializer() {
    return new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel channel) {
        channel.pipeline().addLast("backend", Http1Backend.this);
      }
    };
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    ctx = added;
    input = new Http1Input(this, added.alloc(), false, settings.maxHeadBytes());
    output = new Http1Output(added);
    budget = new ReadBudget(added.channel(), settings.responseWindow());
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext removed) {
    input.stop();
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
    input.stop();
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
    upgrade = headers.contains(HttpHeaderNames.UPGRADE);
    if (upgrade) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    }
    if (!ended && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    head.setProtocolVersion(HttpVersion.HTTP_1_1);
    asked = head.method();
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
    } else {
      input.read((ByteBuf) message);
    }
  }

  @Override
  public long head(byte[] bytes) throws Http1Exception {
    HttpResponse read = Http1Responses.read(bytes);
    long length = Http1Responses.bodyOf(read, asked, upgrade);
    head = read;
    if (length == TO_THE_END && read.status().code() == 101) {
      tunnel = true;
    } else if (length != INTERIM) {
      isFinal = true;
      keepAlive = HttpUtil.isKeepAlive(read) && length != TO_THE_END;
    }
    return length;
  }

  @Override
  public void begin() {
    HttpResponse begins = head;
    head = null;
    if (tunnel) {
      output.speakBytes();
    }
    // Ours it is that the client hears (RFC 9110, section 6.2).
    begins.setProtocolVersion(HttpVersion.HTTP_1_1);
    if (current != null) {
      current.response(begins);
    }
  }

  @Override
  public void data(ByteBuf data) {
    if (current == null) {
      data.release();
    } else {
      budget.took(data.readableBytes());
      current.data(data);
    }
  }

  @Override
  public void ended(HttpHeaders trailers) {
    if (current != null && tunnel) {
      Events told = current;
      current = null;
      told.ended(trailers);
    } else if (current != null && isFinal) {
      whole(trailers);
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
        && !input.holdsMore()
        && ctx.channel().isActive()) {
      budget.reset();
      pool.release(this);
    } else {
      close();
    }
    told.ended(trailers);
  }

  @Override
  public void unreadable(Http1Exception problem) {
    String what = "the backend's response: " + problem.getMessage();
    fail(new StreamFailure(ResponseFlag.UPSTREAM_PROTOCOL, what));
    close();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    dataComplete();
  }

  @Override
  public void dataComplete() {
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
    fail(new StreamFailure(ResponseFlag.UPSTREAM_CLOSED, String.valueOf(cause.getMessage())));
    close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    resting = false;
    boolean torn = !isFinal && !tunnel && input.holdsMore();
    input.end();
    fail(
        torn
            ? new StreamFailure(
                ResponseFlag.UPSTREAM_PROTOCOL, "the backend's response: a head that breaks off")
            : new StreamFailure(ResponseFlag.UPSTREAM_CLOSED, "the backend closed the connection"));
    if (wasActive && !closed) {
      closed = true;
      pool.closed(this);
    }
  }

  private void fail(StreamFailure failure) {
    Events told = current;
    current = null;
    if (told != null) {
      told.failed(failure);
    }
  }
}
