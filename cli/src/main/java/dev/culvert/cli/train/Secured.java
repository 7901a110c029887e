// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.train;

import java.io.IOException;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * Another exchange in TLS, in which the client shows a certificate if it is asked for one.
 *
 * @param protocol what ALPN asks for (RFC 7301)
 */
record Secured(Exchange inner, SSLContext context, String protocol) implements Exchange {
  @Override
  public int with(Socket connection, String host) throws IOException {
    SSLSocket secured =
        (SSLSocket)
            context.getSocketFactory().createSocket(connection, host, connection.getPort(), false);
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {protocol});
    secured.setSSLParameters(parameters);
    int status = inner.with(secured, host);
    secured.close();
    return status;
  }
}
