// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.culvert.tests.app.HttpApp.Message;
import dev.culvert.tests.hostile.PeerCertificate;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** HTTP/1.1 in TLS on an app's connection: the server must prove its name by a root. */
public final class HttpsClient implements AutoCloseable {
  private final SSLSocket socket;
  private final InputStream in;
  private final String host;

  private HttpsClient(SSLSocket socket, String host) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
    this.host = host;
  }

  /**
   * Shakes hands.
   *
   * @param root that must have signed the server's certificate
   * @throws IOException when the server does not prove the name
   */
  public static HttpsClient open(AppConnection connection, String host, X509Certificate root)
      throws IOException {
    return open(connection, host, root, Optional.empty());
  }

  /**
   * The same.
   *
   * @param own what is shown to a server that asks for it; empty for nothing
   */
  public static HttpsClient open(
      AppConnection connection, String host, X509Certificate root, Optional<PeerCertificate> own)
      throws IOException {
    SSLSocket socket =
        (SSLSocket)
            context(root, own)
                .getSocketFactory()
                .createSocket(connection.channel().socket(), host, 443, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    try {
      socket.startHandshake();
      return new HttpsClient(socket, host);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static SSLContext context(X509Certificate root, Optional<PeerCertificate> own)
      throws IOException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("root", root);
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(own.map(PeerCertificate::keys).orElse(null), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot build a TLS context", e);
    }
  }

  /** The serial number of the certificate that the server showed. */
  public BigInteger serial() throws IOException {
    return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
  }

  /** Asks once. */
  public Message get(String path) throws IOException {
    socket
        .getOutputStream()
        .write("GET %s HTTP/1.1\r\nhost: %s\r\n\r\n".formatted(path, host).getBytes(ISO_8859_1));
    String line = line();
    List<String> fields = new ArrayList<>();
    for (String field = line(); !field.isEmpty(); field = line()) {
      fields.add(field);
    }
    int length =
        new Message(line, fields, "").field("content-length").map(Integer::parseInt).orElse(0);
    return new Message(line, fields, new String(in.readNBytes(length), ISO_8859_1));
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    int next = in.read();
    while (next >= 0 && next != '\n') {
      line.append((char) next);
      next = in.read();
    }
    if (next < 0) {
      throw new EOFException("ended after '" + line + "'");
    }
    return line.toString().strip();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
