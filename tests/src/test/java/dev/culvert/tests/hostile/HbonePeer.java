// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

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
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** The client end of an HBONE connection that may misbehave. Not thread-safe. */
public final class HbonePeer implements AutoCloseable {
  private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);
  private static final int PATIENCE_MILLIS = 30_000;
  private static final int DEFAULT_WINDOW = 65_535;

  private final SSLSocket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();
  private final Map<Integer, Answer> answers = new HashMap<>();
  private final Map<Integer, StringBuilder> data = new HashMap<>();
  private final Map<Integer, Map<String, String>> headers = new HashMap<>();
  private final Map<Integer, Integer> settings = new HashMap<>();
  private final Set<Integer> ended = new HashSet<>();
  private long connectionWindow = DEFAULT_WINDOW;
  private int lastStream = Integer.MAX_VALUE;
  private boolean deaf;
  private int nextStream = 1;

  private HbonePeer(SSLSocket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    this.out = socket.getOutputStream();
  }

  /**
   * Shakes hands over a connected channel with a certificate. TLS 1.3 tells a rejection later, with
   * the first read.
   */
  public static HbonePeer connect(SocketChannel channel, PeerCertificate certificate)
      throws IOException {
    return connect(channel, certificate.context(), "", _ -> {});
  }

  /**
   * The same, with TLS as the test wants it.
   *
   * @param host what the server is called; its sessions are looked for by that
   * @param tls changes what is offered
   */
  public static HbonePeer connect(
      SocketChannel channel, SSLContext context, String host, Consumer<SSLParameters> tls)
      throws IOException {
    var socket =
        (SSLSocket) context.getSocketFactory().createSocket(channel.socket(), host, 15008, true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    parameters.setProtocols(new String[] {"TLSv1.3"});
    tls.accept(parameters);
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return new HbonePeer(socket);
  }

  /** The same without a certificate. */
  public static HbonePeer anonymous(SocketChannel channel) throws IOException {
    return connect(channel, PeerCertificate.anonymous(), "", _ -> {});
  }

  /** Sends the preface and empty SETTINGS, as every well-behaved client does first. */
  public HbonePeer greet() throws IOException {
    return greet(Frame.settings());
  }

  /** Sends the preface and these SETTINGS. */
  public HbonePeer greet(Frame settings) throws IOException {
    raw(PREFACE);
    send(settings);
    return this;
  }

  /** From now on it reads what comes and answers nothing, PINGs neither. */
  public HbonePeer deaf() {
    deaf = true;
    return this;
  }

  /** A CONNECT to the authority, without further headers. */
  public static Http2Headers connectTo(String authority) {
    return new DefaultHttp2Headers(false).method("CONNECT").authority(authority);
  }

  /** Opens a stream with these headers; its number. */
  public int request(Http2Headers headers) throws IOException {
    int stream = nextStream;
    nextStream += 2;
    ByteBuf block = Unpooled.buffer();
    try {
      encoder.encodeHeaders(stream, headers, block);
      send(new Frame(Frame.HEADERS, Frame.END_HEADERS, stream, ByteBufUtil.getBytes(block)));
    } catch (Http2Exception e) {
      throw new IOException(e);
    } finally {
      block.release();
    }
    return stream;
  }

  public void data(int stream, String text) throws IOException {
    send(new Frame(Frame.DATA, 0, stream, text.getBytes(UTF_8)));
  }

  public void send(Frame frame) throws IOException {
    raw(frame.bytes());
  }

  /** Sends bytes that need not be a frame. */
  public void raw(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  /** Sends bytes that the other end may refuse before the last of them. */
  public HbonePeer rude(byte[] bytes) {
    try {
      raw(bytes);
    } catch (IOException _) {
      // closing() tells
    }
    return this;
  }

  /** Greets and asks for the authority; a connection that breaks on the way is an answer too. */
  public Answer attempt(String authority) {
    try {
      return greet().answer(request(connectTo(authority)));
    } catch (IOException e) {
      return new Answer.Closed(e.toString());
    }
  }

  /** Reads until the stream has an answer or the connection is over. */
  public Answer answer(int stream) throws IOException {
    while (!answers.containsKey(stream)) {
      String closed = readFrame();
      if (closed != null) {
        return new Answer.Closed(closed);
      }
    }
    return answers.get(stream);
  }

  /** Reads until the stream carried at least so many bytes. */
  public String received(int stream, int length) throws IOException {
    StringBuilder text = data.computeIfAbsent(stream, _ -> new StringBuilder());
    while (text.length() < length) {
      String closed = readFrame();
      if (closed != null || answers.get(stream) instanceof Answer.Reset) {
        throw new IOException("ended after " + text.length() + " bytes: " + closed);
      }
    }
    return text.toString();
  }

  /** A header of the stream's answer, empty without it. */
  public String header(int stream, String name) throws IOException {
    assertAnswered(stream);
    return headers.get(stream).getOrDefault(name, "");
  }

  private void assertAnswered(int stream) throws IOException {
    if (!(answer(stream) instanceof Answer.Status)) {
      throw new AssertionError("no headers but " + answers.get(stream));
    }
  }

  /** Reads until the other end has ended the stream. */
  public void awaitEnd(int stream) throws IOException {
    while (!ended.contains(stream)) {
      String closed = readFrame();
      if (closed != null) {
        throw new IOException("the connection ended: " + closed);
      }
    }
  }

  /** A parameter that the other end has set, once it has greeted. */
  public int setting(int parameter) throws IOException {
    while (settings.isEmpty()) {
      String closed = readFrame();
      if (closed != null) {
        throw new IOException("the connection ended: " + closed);
      }
    }
    return settings.getOrDefault(parameter, -1);
  }

  /** How many bytes may be on their way to the other end, as far as it has said by now. */
  public long connectionWindow() {
    return connectionWindow;
  }

  /** Reads until the other end has named the last stream that it looks at. */
  public int awaitLastStream() throws IOException {
    while (lastStream == Integer.MAX_VALUE) {
      String closed = readFrame();
      if (closed != null) {
        throw new IOException("the connection ended: " + closed);
      }
    }
    return lastStream;
  }

  /** Reads until the other end closes; how it did. */
  public String closing() throws IOException {
    String closed = readFrame();
    while (closed == null) {
      closed = readFrame();
    }
    return closed;
  }

  /** Answers nothing, until the other end closes; what came. */
  public List<Frame> heardUntilClosed() {
    List<Frame> heard = new ArrayList<>();
    try {
      while (true) {
        heard.add(Frame.read(in));
      }
    } catch (SocketTimeoutException e) {
      throw new AssertionError("nothing came within " + PATIENCE_MILLIS + " ms", e);
    } catch (IOException closed) {
      return heard;
    }
  }

  /** Reads and handles one frame; null, or how the connection ended. */
  private String readFrame() throws IOException {
    try {
      Frame frame = Frame.read(in);
      if (frame.type() == Frame.GOAWAY && frame.errorCode() != 0) {
        return "GOAWAY " + frame.errorCode();
      }
      handle(frame);
      return null;
    } catch (SocketTimeoutException e) {
      throw new AssertionError("nothing came within " + PATIENCE_MILLIS + " ms", e);
    } catch (Http2Exception e) {
      throw new IOException("the answer's headers cannot be read", e);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private void handle(Frame frame) throws IOException, Http2Exception {
    boolean ends = frame.type() == Frame.DATA || frame.type() == Frame.HEADERS;
    if (ends && frame.has(Frame.END_STREAM)) {
      ended.add(frame.stream());
    }
    switch (frame.type()) {
      case Frame.SETTINGS -> {
        settings.putAll(frame.parameters());
        acknowledge(frame, new byte[0]);
      }
      case Frame.PING -> acknowledge(frame, frame.payload());
      case Frame.WINDOW_UPDATE -> connectionWindow += frame.stream() == 0 ? frame.increment() : 0;
      case Frame.GOAWAY -> lastStream = ByteBuffer.wrap(frame.payload()).getInt();
      case Frame.HEADERS -> answers.putIfAbsent(frame.stream(), status(frame));
      case Frame.RST_STREAM -> answers.put(frame.stream(), new Answer.Reset(frame.errorCode()));
      case Frame.DATA ->
          data.computeIfAbsent(frame.stream(), _ -> new StringBuilder())
              .append(new String(frame.payload(), UTF_8));
      default -> {}
    }
  }

  private void acknowledge(Frame frame, byte[] payload) throws IOException {
    if (!frame.has(Frame.ACK) && !deaf) {
      send(new Frame(frame.type(), Frame.ACK, 0, payload));
    }
  }

  private Answer status(Frame frame) throws Http2Exception {
    ByteBuf block = Unpooled.wrappedBuffer(frame.payload());
    try {
      Http2Headers all = decoder.decodeHeaders(frame.stream(), block);
      Map<String, String> told = new HashMap<>();
      all.forEach(one -> told.put(one.getKey().toString(), one.getValue().toString()));
      headers.putIfAbsent(frame.stream(), told);
      return new Answer.Status(Integer.parseInt(all.status().toString()));
    } finally {
      block.release();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
