// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * The listener's key and certificate, replaced while handshakes go on. The key stays for the life
 * of the process, so a handshake that spans a renewal still gets a fitting pair.
 */
final class ServingKeys extends X509ExtendedKeyManager {
  private static final String ALIAS = "serving";

  private final PrivateKey key;
  private volatile X509Certificate[] chain;

  ServingKeys(PrivateKey key, X509Certificate... chain) {
    this.key = key;
    this.chain = chain;
  }

  void renew(X509Certificate... newer) {
    chain = newer;
  }

  X509Certificate certificate() {
    return chain[0];
  }

  @Override
  public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
    return key.getAlgorithm().equals(keyType) ? ALIAS : null;
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return chain.clone();
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return key;
  }

  @Override
  public String[] getServerAliases(String keyType, Principal[] issuers) {
    return new String[] {ALIAS};
  }

  @Override
  public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
    return chooseEngineServerAlias(keyType, issuers, null);
  }

  @Override
  public String[] getClientAliases(String keyType, Principal[] issuers) {
    return new String[0];
  }

  @Override
  public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
    return null;
  }
}
