// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * A connection to a collector, by HTTP/1.1 (RFC 9112), for one POST after another. A batch goes as
 * it lies there: the JDK's clients do more for it than all that made it.
 */
final class CollectorConnection implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private boolean kept = true;

  /** Connects, within the time that an answer may take. */
  CollectorConnection(URI endpoint, int patienceMillis) throws IOException {
    boolean secure = "https".equals(endpoint.getScheme());
    int port = endpoint.getPort() < 0 ? (secure ? 443 : 80) : endpoint.getPort();
    Socket plain = new Socket();
    try {
      plain.setTcpNoDelay(true);
      plain.setSoTimeout(patienceMillis);
      String host = endpoint.getHost().replaceAll("[\\[\\]]", "");
      plain.connect(new InetSocketAddress(host, port), patienceMillis);
      this.socket = secure ? secured(plain, host, port) : plain;
      this.in = new BufferedInputStream(socket.getInputStream());
      this.out = socket.getOutputStream();
    } catch (IOException e) {
      plain.close();
      throw e;
    }
  }

  /** A collector must prove that it is the host that was named (RFC 9110, section 4.3.4). */
  private static Socket secured(Socket plain, String host, int port) throws IOException {
    SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    SSLSocket secure = (SSLSocket) factory.createSocket(plain, host, port, true);
    SSLParameters parameters = secure.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    secure.setSSLParameters(parameters);
    secure.startHandshake();
    return secure;
  }

  /**
   * Posts, and returns the status of the answer.
   *
   * @param head of the request, with the length of its body
   * @param length so many of the bytes are the body
   */
  int post(byte[] head, byte[] body, int length) throws IOException {
    kept = false;
    out.write(head);
    out.write(body, 0, length);
    out.flush();
    CollectorAnswer answer = CollectorAnswer.read(in);
    kept = answer.keeps();
    return answer.status();
  }

  /** Whether another POST may follow. */
  boolean isKept() {
    return kept;
  }

  /** Whoever waits for an answer, waits no longer. */
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }
}
