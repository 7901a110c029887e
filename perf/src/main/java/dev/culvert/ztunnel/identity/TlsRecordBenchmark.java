// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import dev.culvert.ztunnel.tls.TlsRecords;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Bytes through both ends of a TLS 1.3 session, without sockets: what one batch of plaintext costs
 * to encrypt and decrypt, by what tunnels use and by Netty's handler.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TlsRecordBenchmark {
  /** What carries the session after its handshake. */
  public enum Carrier {
    /** The tunnels' own records, over BoringSSL. */
    RECORDS,
    /** Netty's handler over BoringSSL. */
    NETTY,
    /** Netty's handler over the JDK's TLS. */
    JDK
  }

  /** Which way. */
  @Param({"RECORDS", "NETTY", "JDK"})
  public Carrier carrier;

  /** Plaintext in one write: a message, a record at most, and what a batch of reads may hold. */
  @Param({"64", "16384", "262144"})
  public int bytes;

  private EmbeddedChannel client;
  private EmbeddedChannel server;
  private ByteBuf plaintext;

  /** Shakes hands. */
  @Setup
  public void open() throws GeneralSecurityException, IOException, OperatorCreationException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    SslProvider provider = carrier == Carrier.JDK ? SslProvider.JDK : SslProvider.OPENSSL;
    server =
        channel(
            SslContextBuilder.forServer(keys.getPrivate(), certificate(keys))
                .sslProvider(provider)
                .protocols("TLSv1.3")
                .build());
    client =
        channel(
            SslContextBuilder.forClient()
                .sslProvider(provider)
                .protocols("TLSv1.3")
                .endpointIdentificationAlgorithm(null)
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .build());
    while (move(client, server) + move(server, client) > 0) {
      server.runPendingTasks();
      client.runPendingTasks();
    }
    if (!client.pipeline().get(SslHandler.class).handshakeFuture().isSuccess()) {
      throw new IOException("the handshake did not end");
    }
    if (carrier == Carrier.RECORDS) {
      carryOn(client);
      carryOn(server);
    }
    plaintext = client.alloc().directBuffer(bytes).writeZero(bytes);
  }

  /** Ends the session. */
  @TearDown
  public void close() {
    plaintext.release();
    client.finishAndReleaseAll();
    server.finishAndReleaseAll();
  }

  /** From plaintext to plaintext. */
  @Benchmark
  public int encryptAndDecrypt() throws IOException {
    client.writeOutbound(plaintext.retainedDuplicate());
    move(client, server);
    int arrived = 0;
    for (ByteBuf part = server.readInbound(); part != null; part = server.readInbound()) {
      arrived += part.readableBytes();
      part.release();
    }
    if (arrived != bytes) {
      throw new IOException("%d of %d bytes arrived".formatted(arrived, bytes));
    }
    return arrived;
  }

  private static EmbeddedChannel channel(SslContext context) {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.pipeline().addLast(context.newHandler(channel.alloc()));
    return channel;
  }

  private static void carryOn(EmbeddedChannel channel) throws IOException {
    if (!TlsRecords.replace(channel.pipeline(), channel.pipeline().get(SslHandler.class))) {
      throw new IOException("the session is over");
    }
  }

  /** What one end wrote becomes what the other reads. */
  private static int move(EmbeddedChannel from, EmbeddedChannel to) {
    int moved = 0;
    for (ByteBuf record = from.readOutbound(); record != null; record = from.readOutbound()) {
      moved += record.readableBytes();
      to.writeInbound(record);
    }
    return moved;
  }

  private static X509Certificate certificate(KeyPair keys)
      throws GeneralSecurityException, OperatorCreationException {
    X500Name name = new X500Name("CN=bench");
    Instant now = Instant.now();
    return new JcaX509CertificateConverter()
        .getCertificate(
            new JcaX509v3CertificateBuilder(
                    name,
                    BigInteger.ONE,
                    Date.from(now.minus(Duration.ofHours(1))),
                    Date.from(now.plus(Duration.ofDays(1))),
                    name,
                    keys.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
  }
}
