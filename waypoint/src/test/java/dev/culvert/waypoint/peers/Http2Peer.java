// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.peers;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Netty's multiplexer as the other end of HTTP/2: not the code that is tested. */
public final class Http2Peer implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 20;

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final BlockingQueue<Stream> requests = new LinkedBlockingQueue<>();
  private final List<Stream> streams = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private Channel channel;

  /** A stream: what came on it, and what is to be sent. */
  public static final class Stream extends ChannelInboundHandlerAdapter {
    private final BlockingQueue<Object> frames = new LinkedBlockingQueue<>();
    private final StringBuilder body = new StringBuilder();
    private final AtomicLong sent = new AtomicLong();
    private Channel stream;
    private boolean whole;

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      stream = ctx.channel();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
      frames.add(frame);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof Http2ResetFrame) {
        frames.add(event);
      }
    }

    private Object next() throws InterruptedException {
      Object frame = frames.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (frame == null) {
        throw new AssertionError("no frame came");
      }
      return frame;
    }

    /** The next headers; data before them is added to the body. */
    public Http2Headers headers() throws InterruptedException {
      Object frame = next();
      while (frame instanceof Http2DataFrame data) {
        take(data);
        frame = next();
      }
      if (frame instanceof Http2HeadersFrame headers) {
        whole = headers.isEndStream();
        return headers.headers();
      }
      throw new AssertionError("no headers but " + frame);
    }

    /** Whether the message ended with the headers that were taken last. */
    public boolean isWhole() {
      return whole;
    }

    private void take(Http2DataFrame data) {
      body.append(data.content().toString(UTF_8));
      ReferenceCountUtil.release(data);
    }

    /** Data up to the end of the message, or to this length. */
    public String body(int length) throws InterruptedException {
      boolean last = false;
      while (!last && body.length() < length) {
        Object frame = next();
        if (!(frame instanceof Http2DataFrame data)) {
          throw new AssertionError("no data but " + frame);
        }
        last = data.isEndStream();
        take(data);
      }
      String text = body.toString();
      body.setLength(0);
      return text;
    }

    public Http2Error reset() throws InterruptedException {
      Object frame = next();
      while (frame instanceof Http2DataFrame data) {
        take(data);
        frame = next();
      }
      return Http2Error.valueOf(((Http2ResetFrame) frame).errorCode());
    }

    /** Whether it was reset, or answered with 4xx or 5xx. */
    public boolean isRefused() {
      Object frame = frames.peek();
      return frame instanceof Http2ResetFrame
          || !stream.isOpen()
          || (frame instanceof Http2HeadersFrame headers
              && headers.headers().status().charAt(0) >= '4');
    }

    /** Reads nothing more, so that the window stays shut. */
    public void pause() {
      stream.config().setAutoRead(false);
    }

    private void close() {
      if (stream != null) {
        stream.close().awaitUninterruptibly();
      }
    }

    public Stream send(Http2Headers headers, boolean last) {
      var _ = stream.writeAndFlush(new DefaultHttp2HeadersFrame(headers, last));
      return this;
    }

    public Stream send(String data, boolean last) {
      ByteBuf bytes = Unpooled.copiedBuffer(data, UTF_8);
      int length = bytes.readableBytes();
      stream
          .writeAndFlush(new DefaultHttp2DataFrame(bytes, last))
          .addListener(done -> sent.addAndGet(done.isSuccess() ? length : 0));
      return this;
    }

    /** Bytes that the window let go. */
    public AtomicLong sent() {
      return sent;
    }

    public Stream send(Http2Error reset) {
      var _ = stream.writeAndFlush(new DefaultHttp2ResetFrame(reset));
      return this;
    }
  }

  /** A backend with prior knowledge; each stream waits for {@link #request}. */
  public static Http2Peer server() throws InterruptedException {
    Http2Peer peer = new Http2Peer();
    peer.channel =
        new ServerBootstrap()
            .group(peer.loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel connection) {
                    peer.connections.incrementAndGet();
                    connection
                        .pipeline()
                        .addLast(Http2FrameCodecBuilder.forServer().build())
                        .addLast(new Http2MultiplexHandler(peer.new Accept()));
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
    return peer;
  }

  /** A client with prior knowledge. */
  public static Http2Peer client(InetSocketAddress to) throws InterruptedException {
    Http2Peer peer = new Http2Peer();
    peer.channel =
        new Bootstrap()
            .group(peer.loops)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel connection) {
                    connection
                        .pipeline()
                        .addLast(Http2FrameCodecBuilder.forClient().validateHeaders(false).build())
                        .addLast(new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                  }
                })
            .connect(to)
            .sync()
            .channel();
    return peer;
  }

  private final class Accept extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel stream) {
      Stream accepted = new Stream();
      streams.add(accepted);
      stream.pipeline().addLast(accepted);
      requests.add(accepted);
    }
  }

  /** The next stream that the peer opened. */
  public Stream request() throws InterruptedException {
    Stream stream = requests.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (stream == null) {
      throw new AssertionError("no stream was opened");
    }
    return stream;
  }

  /** Opens a stream. */
  public Stream open(Http2Headers headers, boolean last) throws InterruptedException {
    Stream handler = new Stream();
    streams.add(handler);
    Http2StreamChannel stream =
        new Http2StreamChannelBootstrap(channel).handler(handler).open().sync().getNow();
    handler.stream = stream;
    return handler.send(headers, last);
  }

  public static Http2Headers get(String path) {
    return request("GET", path);
  }

  public static Http2Headers request(String method, String path, String... more) {
    Http2Headers headers =
        new DefaultHttp2Headers(false).method(method).scheme("http").authority("shop").path(path);
    add(headers, more);
    return headers;
  }

  public static Http2Headers response(int status, String... more) {
    Http2Headers headers = new DefaultHttp2Headers(false).status(Integer.toString(status));
    add(headers, more);
    return headers;
  }

  public static Http2Headers trailers(String... more) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    add(headers, more);
    return headers;
  }

  private static void add(Http2Headers headers, String... more) {
    for (int i = 0; i < more.length; i += 2) {
      headers.add(more[i], more[i + 1]);
    }
  }

  /** The names of all fields, for what must not be among them. */
  public static List<String> names(Http2Headers headers) {
    List<String> names = new ArrayList<>();
    headers.forEach(field -> names.add(field.getKey().toString()));
    return names;
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) channel.localAddress();
  }

  public int connections() {
    return connections.get();
  }

  public boolean isOpen() {
    return channel.isOpen();
  }

  /** Streams first: one that is paused holds frames that nobody else would release. */
  @Override
  public void close() {
    streams.forEach(Stream::close);
    channel.close().awaitUninterruptibly();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    streams.forEach(stream -> stream.frames.forEach(ReferenceCountUtil::release));
  }
}
