// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.peers.TestCa;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayOutputStream;
import java.security.KeyPair;
import java.time.Duration;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/** Both ends of a session after its handshake: our records, and Netty's handler at the peer. */
final class OpenedPair implements AutoCloseable {
  private static final String NAME = "spiffe://cluster.local/ns/shop/sa/web";
  private static final TestCa CA = new TestCa("records");

  final EmbeddedChannel own;
  final EmbeddedChannel peer;
  final SSLEngine engine;

  /**
   * @param server whether our end is the server
   * @param peers the peer's TLS
   */
  OpenedPair(boolean server, SslProvider peers) throws SSLException {
    SslContext ownContext = server ? server(SslProvider.OPENSSL) : client(SslProvider.OPENSSL);
    own = channel(ownContext);
    peer = channel(server ? client(peers) : server(peers));
    engine = own.pipeline().get(SslHandler.class).engine();
    while (exchange()) {
      own.runPendingTasks();
      peer.runPendingTasks();
    }
    assertThat(TlsRecords.replace(own.pipeline(), own.pipeline().get(SslHandler.class))).isTrue();
  }

  private static SslContext server(SslProvider provider) throws SSLException {
    KeyPair keys = TestCa.newKeys();
    return common(
        SslContextBuilder.forServer(
                keys.getPrivate(), CA.workload(keys.getPublic(), Duration.ofHours(1), NAME))
            .clientAuth(ClientAuth.REQUIRE),
        provider);
  }

  static SslContext client(SslProvider provider) throws SSLException {
    KeyPair keys = TestCa.newKeys();
    return common(
        SslContextBuilder.forClient()
            .keyManager(keys.getPrivate(), CA.workload(keys.getPublic(), Duration.ofHours(1), NAME))
            .endpointIdentificationAlgorithm(null),
        provider);
  }

  private static SslContext common(SslContextBuilder builder, SslProvider provider)
      throws SSLException {
    return builder
        .sslProvider(provider)
        .protocols("TLSv1.3")
        .trustManager(InsecureTrustManagerFactory.INSTANCE)
        .build();
  }

  static EmbeddedChannel channel(SslContext context) {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.pipeline().addLast(context.newHandler(channel.alloc()));
    return channel;
  }

  /** Carries what both have to say, as often as one has; whether one had. */
  boolean exchange() {
    byte[] there = sent(own);
    byte[] back = sent(peer);
    bring(peer, there);
    bring(own, back);
    return there.length + back.length > 0;
  }

  /** All that a channel has sent since it was last asked. */
  static byte[] sent(EmbeddedChannel channel) {
    return bytes(channel::readOutbound);
  }

  /** All that a channel has read since it was last asked. */
  static byte[] read(EmbeddedChannel channel) {
    return bytes(channel::readInbound);
  }

  private static byte[] bytes(Supplier<ByteBuf> parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (ByteBuf part = parts.get(); part != null; part = parts.get()) {
      byte[] bytes = new byte[part.readableBytes()];
      part.readBytes(bytes).release();
      all.writeBytes(bytes);
    }
    return all.toByteArray();
  }

  /** In memory of its own, as from a socket. */
  static void bring(EmbeddedChannel channel, byte[] bytes) {
    if (bytes.length > 0) {
      channel.writeInbound(channel.alloc().directBuffer(bytes.length).writeBytes(bytes));
    }
  }

  /** The records of one flush by the peer. */
  byte[] recordsOf(byte[]... messages) {
    for (byte[] message : messages) {
      peer.writeOutbound(Unpooled.wrappedBuffer(message));
    }
    return sent(peer);
  }

  /** What the peer says to records that break its session; Netty also throws, now or later. */
  byte[] answerOfBroken(byte[] records) {
    peer.pipeline().addLast(new Ignoring());
    bring(peer, records);
    return sent(peer);
  }

  private static final class Ignoring extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      assertThat(cause.getCause() == null ? cause : cause.getCause())
          .isInstanceOf(SSLException.class);
    }
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static byte[] pattern(int bytes) {
    byte[] pattern = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      pattern[i] = (byte) (i * 31 + (i >> 8) + bytes);
    }
    return pattern;
  }

  @Override
  public void close() {
    own.finishAndReleaseAll();
    peer.finishAndReleaseAll();
  }
}
