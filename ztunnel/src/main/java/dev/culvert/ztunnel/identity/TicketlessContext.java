// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.internal.tcnative.SSL;
import javax.net.ssl.SSLEngine;

/**
 * A server's context whose sessions nobody resumes: who comes with a ticket shows no certificate,
 * is not checked against roots and revocations again, and counts as whoever the ticket was for.
 * Netty turns tickets off for the context and on again in each engine that speaks TLS 1.3.
 */
final class TicketlessContext extends DelegatingSslContext {

  /**
   * @param context of BoringSSL
   */
  TicketlessContext(SslContext context) {
    super(context);
  }

  @Override
  protected void initEngine(SSLEngine engine) {
    SSL.setOptions(((ReferenceCountedOpenSslEngine) engine).sslPointer(), SSL.SSL_OP_NO_TICKET);
  }
}
