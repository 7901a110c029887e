// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.transport.TcpHalf;
import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.xds.Resources;
import dev.culvert.ztunnel.zds.Pod;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One pod, shop/client, whose DNS is served over loopback. */
final class DnsLab implements AutoCloseable {
  private static final int PATIENCE = 30_000;

  final MeshStore mesh = new MeshStore("Kubernetes", "");
  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  final LoopbackUpstream upstream = new LoopbackUpstream();
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final NetworkNamespace here = NetworkNamespace.current();
  private final DatagramSocket client = new DatagramSocket(0, InetAddress.getLoopbackAddress());
  private final PodDns dns;
  private final Channel datagrams;
  private final Channel connections;

  /**
   * @param asked the resolver that TCP connections ask for
   */
  DnsLab(DnsSettings settings, InetSocketAddress asked) throws Exception {
    client.setSoTimeout(PATIENCE);
    Resources.push(mesh, Resources.resource(Resources.pod("shop", "client", "198.18.0.9")));
    Pod pod =
        new Pod(
            "1",
            "shop",
            "client",
            "client",
            SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/client"),
            here);
    dns = new DnsProxy(mesh, settings, registry).of(pod, loops.next(), upstream);
    datagrams = bindDatagrams();
    connections = listen(asked);
  }

  static DnsSettings settings(InetSocketAddress... resolvers) {
    return DnsSettings.standard("cluster.local", List.of(resolvers));
  }

  static DnsSettings settings(
      int maxQueries, int maxConnections, Duration idle, InetSocketAddress resolver) {
    return new DnsSettings(
        true,
        "cluster.local",
        "",
        List.of(resolver),
        Duration.ofSeconds(2),
        0,
        maxQueries,
        1 << 20,
        maxConnections,
        idle);
  }

  private Channel bindDatagrams() {
    return new Bootstrap()
        .group(loops.next())
        .channel(NioDatagramChannel.class)
        .handler(dns.datagrams())
        .bind(InetAddress.getLoopbackAddress(), 0)
        .syncUninterruptibly()
        .channel();
  }

  private Channel listen(InetSocketAddress asked) {
    ServerBootstrap bootstrap =
        new ServerBootstrap().group(loops).channel(NioServerSocketChannel.class);
    bootstrap.childOption(ChannelOption.AUTO_READ, false);
    bootstrap.childOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    bootstrap.childHandler(
        new ChannelInitializer<SocketChannel>() {
          @Override
          protected void initChannel(SocketChannel channel) {
            channel.pipeline().addLast(new TcpHalf(channel, half -> dns.accept(half, asked)));
          }
        });
    return bootstrap.bind(InetAddress.getLoopbackAddress(), 0).syncUninterruptibly().channel();
  }

  void send(byte[] packet) throws IOException {
    client.send(new DatagramPacket(packet, packet.length, datagrams.localAddress()));
  }

  TestAnswer receive() throws Exception {
    return new TestAnswer(receiveBytes());
  }

  byte[] receiveBytes() throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
    client.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  TestAnswer ask(byte[] packet) throws Exception {
    send(packet);
    return receive();
  }

  TestAnswer ask(String name, int type) throws Exception {
    return ask(TestQuery.of(name, type));
  }

  Connection connect() throws IOException {
    return new Connection((InetSocketAddress) connections.localAddress());
  }

  double count(String name, String... tags) {
    return registry.counter(name, tags).count();
  }

  /** DNS over TCP as a stub resolver speaks it. */
  static final class Connection implements AutoCloseable {
    final Socket socket;
    final DataInputStream in;
    final DataOutputStream out;

    Connection(InetSocketAddress to) throws IOException {
      socket = new Socket(to.getAddress(), to.getPort());
      socket.setSoTimeout(PATIENCE);
      in = new DataInputStream(socket.getInputStream());
      out = new DataOutputStream(socket.getOutputStream());
    }

    void send(byte[] query) throws IOException {
      out.writeShort(query.length);
      out.write(query);
    }

    TestAnswer receive() throws Exception {
      return new TestAnswer(in.readNBytes(in.readUnsignedShort()));
    }

    TestAnswer ask(byte[] query) throws Exception {
      send(query);
      return receive();
    }

    boolean isAtEnd() throws IOException {
      return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Override
  public void close() {
    dns.close();
    datagrams.close().syncUninterruptibly();
    connections.close().syncUninterruptibly();
    client.close();
    here.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
