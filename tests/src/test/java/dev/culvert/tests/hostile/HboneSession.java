// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** One connection to a played server: TLS, then frames until the client is gone. */
final class HboneSession {
  private static final int PREFACE_LENGTH = 24;
  private static final int URI_NAME = 6;

  private final SSLSocket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final Manner manner;
  private final HboneServer.Behind behind;
  private final Consumer<Asked> heard;
  private final Map<Integer, Integer> settings = new HashMap<>();
  private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();
  private final Map<Integer, HboneServer.Exchange> streams = new HashMap<>();
  private final ReentrantLock writing = new ReentrantLock();

  private HboneSession(
      SSLSocket socket, Manner manner, HboneServer.Behind behind, Consumer<Asked> heard)
      throws IOException {
    this.manner = manner;
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    this.out = socket.getOutputStream();
    this.behind = behind;
    this.heard = heard;
  }

  private record ToClient(HboneSession session, int stream) implements HboneServer.Back {
    @Override
    public void send(byte[] bytes) throws IOException {
      session.send(new Frame(Frame.DATA, 0, stream, bytes));
    }

    @Override
    public void end() throws IOException {
      session.send(new Frame(Frame.DATA, Frame.END_STREAM, stream, new byte[0]));
    }

    @Override
    public void reset(int errorCode) throws IOException {
      session.send(Frame.reset(stream, errorCode));
    }

    @Override
    public void flood(byte[] frames) throws IOException {
      session.send(frames);
    }

    @Override
    public void goAway() throws IOException {
      session.send(Frame.goAway(stream));
    }
  }

  static void serve(
      SocketChannel channel,
      SSLContext context,
      Manner manner,
      HboneServer.Behind behind,
      Consumer<Asked> heard)
      throws IOException {
    awaitGate(manner);
    var factory = context.getSocketFactory();
    try (SSLSocket socket = (SSLSocket) factory.createSocket(channel.socket(), null, true)) {
      socket.setTcpNoDelay(true);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      parameters.setProtocols(new String[] {"TLSv1.3"});
      parameters.setNeedClientAuth(true);
      manner.tls().accept(parameters);
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      new HboneSession(socket, manner, behind, heard).run();
    }
  }

  private static void awaitGate(Manner manner) throws IOException {
    try {
      manner.gate().await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private void run() throws IOException {
    try {
      in.readFully(new byte[PREFACE_LENGTH]);
      send(manner.settings());
      while (true) {
        handle(Frame.read(in));
      }
    } catch (EOFException | SocketException _) {
      // the client is done
    } catch (Http2Exception e) {
      throw new IOException("the request's headers cannot be read", e);
    } finally {
      for (HboneServer.Exchange stream : streams.values()) {
        stream.broken();
      }
    }
  }

  private void handle(Frame frame) throws IOException, Http2Exception {
    switch (frame.type()) {
      case Frame.SETTINGS -> {
        settings.putAll(frame.parameters());
        acknowledge(frame, new byte[0]);
      }
      case Frame.PING -> {
        if (manner.answersPings()) {
          acknowledge(frame, frame.payload());
        }
      }
      case Frame.HEADERS -> begin(frame);
      case Frame.DATA -> data(frame);
      case Frame.RST_STREAM -> {
        HboneServer.Exchange stream = streams.remove(frame.stream());
        if (stream != null) {
          stream.broken();
        }
      }
      default -> {}
    }
  }

  private void begin(Frame frame) throws IOException, Http2Exception {
    Map<String, String> headers = new HashMap<>();
    decode(frame).forEach(one -> headers.put(one.getKey().toString(), one.getValue().toString()));
    Asked asked =
        new Asked(
            headers,
            clientIdentity(),
            socket.getApplicationProtocol(),
            name(),
            Map.copyOf(settings));
    heard.accept(asked);
    if (!manner.answers()) {
      return;
    }
    Http2Headers answer = new DefaultHttp2Headers(false).status("200");
    manner.headers().forEach(answer::add);
    answer(frame.stream(), answer);
    streams.put(frame.stream(), behind.begin(asked, new ToClient(this, frame.stream())));
  }

  private Http2Headers decode(Frame frame) throws Http2Exception {
    ByteBuf block = Unpooled.wrappedBuffer(frame.payload());
    try {
      return decoder.decodeHeaders(frame.stream(), block);
    } finally {
      block.release();
    }
  }

  private void answer(int stream, Http2Headers headers) throws IOException, Http2Exception {
    ByteBuf block = Unpooled.buffer();
    try {
      encoder.encodeHeaders(stream, headers, block);
      send(new Frame(Frame.HEADERS, Frame.END_HEADERS, stream, ByteBufUtil.getBytes(block)));
    } finally {
      block.release();
    }
  }

  /** What is read may be sent again, on the stream and on the connection. */
  private void data(Frame frame) throws IOException {
    int length = frame.payload().length;
    if (length > 0) {
      byte[] more = ByteBuffer.allocate(Integer.BYTES).putInt(length).array();
      send(new Frame(Frame.WINDOW_UPDATE, 0, 0, more));
      send(new Frame(Frame.WINDOW_UPDATE, 0, frame.stream(), more));
    }
    HboneServer.Exchange stream = streams.get(frame.stream());
    if (stream == null) {
      return;
    }
    stream.data(frame.payload());
    if (frame.has(Frame.END_STREAM)) {
      stream.end();
    }
  }

  private void acknowledge(Frame frame, byte[] payload) throws IOException {
    if (!frame.has(Frame.ACK)) {
      send(new Frame(frame.type(), Frame.ACK, 0, payload));
    }
  }

  private void send(Frame frame) throws IOException {
    send(frame.bytes());
  }

  private void send(byte[] frames) throws IOException {
    writing.lock();
    try {
      out.write(frames);
      out.flush();
    } finally {
      writing.unlock();
    }
  }

  private String clientIdentity() throws IOException {
    var leaf = (X509Certificate) socket.getSession().getPeerCertificates()[0];
    try {
      return leaf.getSubjectAlternativeNames().stream()
          .filter(name -> name.getFirst().equals(URI_NAME))
          .map(name -> (String) name.get(1))
          .findFirst()
          .orElseThrow(() -> new IOException("the client's certificate has no identity"));
    } catch (CertificateParsingException e) {
      throw new IOException("the client's certificate cannot be read", e);
    }
  }

  private Optional<String> name() {
    List<SNIServerName> names =
        ((ExtendedSSLSession) socket.getSession()).getRequestedServerNames();
    return names.stream().map(Object::toString).findFirst();
  }
}
