// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.ports;
import static dev.culvert.ztunnel.xds.Resources.push;
import static dev.culvert.ztunnel.xds.Resources.remove;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static dev.culvert.ztunnel.xds.Resources.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.linux.NetworkNamespace;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.zds.Pod;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DnsProxyTest {
  private static final int A = 1;
  private static final int CNAME = 5;
  private static final int TXT = 16;
  private static final int AAAA = 28;

  private final MeshStore mesh = new MeshStore("Kubernetes", "");
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private MultiThreadIoEventLoopGroup loops;
  private NetworkNamespace here;
  private DatagramSocket client;
  private DatagramSocket resolver;
  private Channel proxy;
  private InetSocketAddress lastSender;

  @BeforeEach
  void start() throws Exception {
    push(
        mesh,
        resource(pod("shop", "client", "198.18.0.9")),
        resource(service("shop", "web", "198.18.1.1")),
        resource(service("bank", "web", "198.18.2.1", "fd00:c01::2:1")),
        resource(service("shop", "headless")),
        resource(
            pod("shop", "h1", "198.18.0.21")
                .setHostname("h1.headless.shop.svc.cluster.local")
                .putServices("shop/headless.shop.svc.cluster.local", ports(80, 80))));
    loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    here = NetworkNamespace.current();
    client = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    resolver = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    client.setSoTimeout(30_000);
    resolver.setSoTimeout(30_000);
    listen(List.of((InetSocketAddress) resolver.getLocalSocketAddress()));
  }

  @AfterEach
  void stop() {
    proxy.close().syncUninterruptibly();
    client.close();
    resolver.close();
    here.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void servicesAnsweredInEveryShortForm() throws Exception {
    for (String name :
        List.of(
            "web",
            "web.shop",
            "web.shop.svc",
            "web.shop.svc.cluster.local",
            "WEB.Shop.SVC.cluster.local",
            "web.shop.svc.cluster.local.shop.svc.cluster.local",
            "web.shop.cluster.local")) {
      Answer answer = ask(name, A);
      assertThat(answer.code).as(name).isZero();
      assertThat(answer.addresses).as(name).containsExactly("198.18.1.1");
      assertThat(answer.hostname).as(name).isEqualTo("web.shop.svc.cluster.local");
      assertThat(answer.authoritative).isTrue();
      assertThat(answer.ttl).isEqualTo(30);
    }
    assertThat(ask("web.bank", A).addresses).containsExactly("198.18.2.1");
    assertThat(ask("web.bank", AAAA).addresses).containsExactly("fd00:c01:0:0:0:0:2:1");
  }

  @Test
  void emptyForAFamilyTheServiceLacks() throws Exception {
    Answer answer = ask("web", AAAA);

    assertThat(answer.code).isZero();
    assertThat(answer.addresses).isEmpty();
  }

  @Test
  void endpointsOfAHeadlessService() throws Exception {
    assertThat(ask("headless", A).addresses).containsExactly("198.18.0.21");
    assertThat(ask("h1.headless.shop.svc.cluster.local", A).addresses)
        .containsExactly("198.18.0.21");
  }

  @Test
  void manyEndpointsFitIntoOneDatagram() throws Exception {
    for (int i = 1; i <= 100; i++) {
      push(
          mesh,
          resource(
              pod("shop", "m" + i, "198.18.5." + i)
                  .putServices("shop/headless.shop.svc.cluster.local", ports(80, 80))));
    }
    Answer answer = ask("headless", A);

    assertThat(answer.bytes).isLessThanOrEqualTo(512);
    assertThat(answer.addresses).hasSizeGreaterThan(20).doesNotHaveDuplicates();
  }

  @Test
  void othersForwardedAndTheAnswerHandedBackUnchanged() throws Exception {
    send(query(0x1234, "example.org", TXT));
    byte[] forwarded = receive(resolver);
    assertThat(Arrays.copyOfRange(forwarded, 2, forwarded.length))
        .isEqualTo(tail(query(0x1234, "example.org", TXT)));

    byte[] answer =
        (new String(forwarded, StandardCharsets.ISO_8859_1) + "extra")
            .getBytes(StandardCharsets.ISO_8859_1);
    answer[2] |= (byte) 0x80;
    reply(answer);
    byte[] received = receive(client);
    assertThat(received[0]).isEqualTo((byte) 0x12);
    assertThat(received[1]).isEqualTo((byte) 0x34);
    assertThat(tail(received)).isEqualTo(tail(answer));
  }

  @Test
  void answersOfStrangersIgnored() throws Exception {
    send(query(7, "example.org", A));
    byte[] forwarded = receive(resolver);
    InetSocketAddress proxySide = lastSender;
    byte[] other = query(((forwarded[0] & 0xff) << 8) | (forwarded[1] & 0xff), "evil.org", A);
    try (DatagramSocket stranger = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      stranger.send(new DatagramPacket(forwarded, forwarded.length, proxySide));
    }
    resolver.send(new DatagramPacket(other, other.length, proxySide));
    resolver.send(new DatagramPacket(new byte[] {1, 2}, 2, proxySide));
    byte[] answer = forwarded.clone();
    answer[3] = 3;
    reply(answer);

    assertThat(receive(client)[3]).isEqualTo((byte) 3);
  }

  @Test
  void nextResolverAskedWhenOneIsSilent() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      proxy.close().syncUninterruptibly();
      listen(
          List.of(
              (InetSocketAddress) silent.getLocalSocketAddress(),
              (InetSocketAddress) resolver.getLocalSocketAddress()));
      send(query(7, "example.org", A));
      reply(receive(resolver));

      assertThat(receive(client)[1]).isEqualTo((byte) 7);
    }
  }

  @Test
  void unreachableResolversSkippedAtOnce() throws Exception {
    proxy.close().syncUninterruptibly();
    // The kernel refuses a broadcast address to a socket that did not ask to broadcast.
    InetSocketAddress unreachable = new InetSocketAddress("255.255.255.255", 53);
    listen(List.of(unreachable, (InetSocketAddress) resolver.getLocalSocketAddress()));
    send(query(7, "example.org", A));
    reply(receive(resolver));
    assertThat(receive(client)[1]).isEqualTo((byte) 7);

    proxy.close().syncUninterruptibly();
    listen(List.of(unreachable));
    assertThat(ask("example.org", A).code).isEqualTo(DnsAnswer.SERVFAIL);
  }

  @Test
  void failureWhenAllResolversAreSilent() throws Exception {
    send(query(7, "example.org", A));
    receive(resolver);

    assertThat(new Answer(receive(client)).code).isEqualTo(DnsAnswer.SERVFAIL);
    assertThat(registry.counter("istio_dns_upstream_failures").count()).isEqualTo(1);
  }

  @Test
  void refusedWithoutAResolver() throws Exception {
    proxy.close().syncUninterruptibly();
    listen(List.of());

    assertThat(ask("example.org", A).code).isEqualTo(DnsAnswer.REFUSED);
    assertThat(ask("web", A).addresses).containsExactly("198.18.1.1");
  }

  @Test
  void failureForAPodTheMeshDoesNotKnow() throws Exception {
    remove(mesh, "Kubernetes//Pod/shop/client");

    assertThat(ask("web", A).code).isEqualTo(DnsAnswer.SERVFAIL);
    assertThat(ask("example.org", A).code).isEqualTo(DnsAnswer.SERVFAIL);
  }

  @Test
  void malformedPacketsDropped() throws Exception {
    byte[] endless = query(1, "web", A);
    endless[12] = (byte) 0xc0;
    endless[13] = 12;
    byte[] cut = Arrays.copyOf(query(1, "web", A), 15);
    byte[] isAnswer = query(1, "web", A);
    isAnswer[2] = (byte) 0x80;
    byte[] twoQuestions = query(1, "web", A);
    twoQuestions[5] = 2;
    for (byte[] bad :
        List.of(new byte[] {}, new byte[] {1, 2, 3}, endless, cut, isAnswer, twoQuestions)) {
      send(bad);
    }

    assertThat(ask("web", A).addresses).containsExactly("198.18.1.1");
  }

  @Test
  void nameserversOfResolvConf() {
    assertThat(
            Resolvers.nameservers(
                List.of(
                    "# nameserver 1.1.1.1",
                    "search shop.svc.cluster.local",
                    "nameserver 198.18.0.53",
                    "  nameserver\tfd00:c01::53 # the other",
                    "nameserver 127.0.0.53",
                    "nameserver not-an-address",
                    "nameserver")))
        .containsExactly(
            new InetSocketAddress(InetAddress.ofLiteral("198.18.0.53"), 53),
            new InetSocketAddress(InetAddress.ofLiteral("fd00:c01::53"), 53));
  }

  @Test
  void nextFileReadWhenOneNamesNobodyThatPodsCanAsk(@TempDir Path folder) throws Exception {
    Path stub = Files.writeString(folder.resolve("stub"), "nameserver 127.0.0.53\n");
    Path real = Files.writeString(folder.resolve("real"), "nameserver 198.18.0.53\n");

    assertThat(Resolvers.ofFiles(List.of(folder.resolve("none"), stub, real)))
        .containsExactly(new InetSocketAddress(InetAddress.ofLiteral("198.18.0.53"), 53));
    assertThat(Resolvers.ofFiles(List.of(stub))).isEmpty();
  }

  private void listen(List<InetSocketAddress> resolvers) {
    Pod pod =
        new Pod(
            "1",
            "shop",
            "client",
            "client",
            SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/client"),
            here);
    DnsProxy dns = new DnsProxy(mesh, "cluster.local", resolvers, registry);
    proxy =
        bind(loops.next(), dns.handlerFor(pod, DnsProxyTest::bind)).syncUninterruptibly().channel();
  }

  private static ChannelFuture bind(EventLoop loop, ChannelHandler handler) {
    return new Bootstrap()
        .group(loop)
        .channel(NioDatagramChannel.class)
        .handler(handler)
        .bind(InetAddress.getLoopbackAddress(), 0);
  }

  private Answer ask(String name, int type) throws Exception {
    send(query(0x4242, name, type));
    return new Answer(receive(client));
  }

  private void send(byte[] packet) throws Exception {
    client.send(new DatagramPacket(packet, packet.length, proxy.localAddress()));
  }

  private void reply(byte[] answer) throws Exception {
    resolver.send(new DatagramPacket(answer, answer.length, lastSender));
  }

  private byte[] receive(DatagramSocket socket) throws Exception {
    DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
    socket.receive(packet);
    lastSender = (InetSocketAddress) packet.getSocketAddress();
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  private static byte[] tail(byte[] packet) {
    return Arrays.copyOfRange(packet, 2, packet.length);
  }

  private static byte[] query(int id, String name, int type) {
    ByteBuf out = Unpooled.buffer();
    out.writeShort(id).writeShort(0x0100).writeShort(1).writeZero(6);
    for (String label : name.split("\\.", -1)) {
      out.writeByte(label.length()).writeCharSequence(label, StandardCharsets.US_ASCII);
    }
    out.writeByte(0).writeShort(type).writeShort(1);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  /** A parsed answer whose records are all addresses. */
  private static final class Answer {
    private final int bytes;
    private final int code;
    private final boolean authoritative;
    private String hostname;
    private final List<String> addresses = new ArrayList<>();
    private int ttl;

    Answer(byte[] packet) throws Exception {
      ByteBuf in = Unpooled.wrappedBuffer(packet);
      bytes = packet.length;
      assertThat(in.readUnsignedShort()).isIn(0x4242, 7);
      int flags = in.readUnsignedShort();
      code = flags & 0xf;
      authoritative = (flags & 0x400) != 0;
      assertThat(flags & 0x8180).isEqualTo(0x8180);
      assertThat(in.readUnsignedShort()).isEqualTo(1);
      int answers = in.readUnsignedShort();
      in.skipBytes(4);
      hostname = name(in);
      in.skipBytes(4);
      int owner = 0xc00c;
      for (int i = 0; i < answers; i++) {
        assertThat(in.readUnsignedShort()).isEqualTo(owner);
        int type = in.readUnsignedShort();
        assertThat(in.readUnsignedShort()).isEqualTo(1);
        ttl = in.readInt();
        int length = in.readUnsignedShort();
        if (type == CNAME) {
          owner = 0xc000 | in.readerIndex();
          int end = in.readerIndex() + length;
          hostname = name(in);
          assertThat(in.readerIndex()).isEqualTo(end);
        } else {
          byte[] address = new byte[length];
          in.readBytes(address);
          addresses.add(InetAddress.getByAddress(address).getHostAddress());
        }
      }
      assertThat(in.isReadable()).isFalse();
    }

    private static String name(ByteBuf in) {
      List<String> labels = new ArrayList<>();
      for (int length = in.readByte(); length != 0; length = in.readByte()) {
        labels.add(in.readCharSequence(length, StandardCharsets.US_ASCII).toString());
      }
      return String.join(".", labels).toLowerCase(Locale.ROOT);
    }
  }
}
