// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Sends a front door requests over TLS 1.3, with a client certificate. */
public final class MutualLoad implements LoadConnection.Events {
  private static final int PATIENCE_SECONDS = 10;

  /** What goes before the figures: this program is compiled then, and that stops it. */
  private static final int LEAD_SECONDS = 2;

  /** The same where a stop would be the figure. */
  private static final int PACED_LEAD_SECONDS = 6;

  private final LoadOrder order;
  private final Tally tally = new Tally();
  private final List<LoadConnection> ready = new ArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final EventLoop loop;
  private Pace pace;
  private long began;
  private String outcome;

  private MutualLoad(LoadOrder order, EventLoop loop) {
    this.order = order;
    this.loop = loop;
  }

  /** Arguments: those of {@link LoadOrder#words}. */
  public static void main(String[] arguments) throws Exception {
    LoadOrder order = LoadOrder.of(arguments);
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    MutualLoad load = new MutualLoad(order, group.next());
    load.open(group);
    if (!load.over.await(order.seconds() + load.lead() + PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException(
          "%d of %d connections".formatted(load.ready.size(), order.connections()));
    }
    System.out.println(load.outcome);
    System.exit(load.outcome.startsWith("load ") ? 0 : 1);
  }

  private void open(EventLoopGroup group) throws IOException {
    SslContext tls = tls();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(group)
            .channel(EpollSocketChannel.class)
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel
                        .pipeline()
                        .addLast(tls.newHandler(channel.alloc(), LoadOrder.NAME, order.port()))
                        .addLast(connection());
                  }
                });
    for (int i = 0; i < order.connections(); i++) {
      var _ =
          bootstrap
              .connect(order.address(), order.port())
              .addListener(
                  done -> {
                    if (!done.isSuccess()) {
                      broken(done.cause().toString());
                    }
                  });
    }
  }

  private LoadConnection connection() {
    return order.multiplexed()
        ? new Http2Load(tally, order.streams(), this)
        : new Http1Load(tally, this);
  }

  private SslContext tls() throws IOException {
    String protocol =
        order.multiplexed() ? ApplicationProtocolNames.HTTP_2 : ApplicationProtocolNames.HTTP_1_1;
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.OPENSSL)
        .protocols("TLSv1.3")
        .keyManager(order.file("peer.pem"), order.file("peer.key"))
        .trustManager(order.file("ca.pem"))
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                protocol))
        .build();
  }

  @Override
  public void ready(LoadConnection connection) {
    ready.add(connection);
    if (ready.size() == order.connections()) {
      pace = new Pace(loop, ready, order.perSecond());
      pace.begin();
      var _ = loop.schedule(this::begin, lead(), TimeUnit.SECONDS);
    }
  }

  private int lead() {
    return order.perSecond() == 0 ? LEAD_SECONDS : PACED_LEAD_SECONDS;
  }

  private void begin() {
    tally.clear();
    began = System.nanoTime();
    var _ = loop.schedule(this::end, order.seconds(), TimeUnit.SECONDS);
  }

  @Override
  public void room(LoadConnection connection) {
    if (outcome == null) {
      pace.room(connection);
    }
  }

  private void end() {
    if (outcome == null) {
      outcome = tally.line((System.nanoTime() - began) / 1000);
      over.countDown();
    }
  }

  @Override
  public void broken(String why) {
    if (outcome == null) {
      outcome = why;
      over.countDown();
    }
  }
}
