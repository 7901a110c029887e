/**
 * TLS once the handshake is over: enters a session that Netty's handler has opened with BoringSSL,
 * leaves plaintext and records, sealed and opened in native memory without a buffer's view or a
 * promise for each. On the connection's event loop.
 */
package dev.culvert.ztunnel.tls;
