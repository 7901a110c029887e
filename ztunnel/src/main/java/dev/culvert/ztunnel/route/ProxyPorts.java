// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

/** The ports that the proxy listens on in each pod's namespace. */
public final class ProxyPorts {
  /** Takes the connections that the pod opens. */
  public static final int OUTBOUND = 15001;

  /** Takes plaintext connections to the pod. */
  public static final int INBOUND_PLAINTEXT = 15006;

  /** Takes tunnels to the pod. */
  public static final int INBOUND_HBONE = 15008;

  /** Answers the pod's DNS, on loopback only. */
  public static final int DNS = 15053;

  private ProxyPorts() {}

  /** Whether a connection to this port would come back to the proxy. */
  public static boolean isOwn(int port) {
    return port == OUTBOUND || port == INBOUND_PLAINTEXT || port == INBOUND_HBONE;
  }
}
