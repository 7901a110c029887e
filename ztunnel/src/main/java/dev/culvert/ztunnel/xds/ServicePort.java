// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

/**
 * A port of a service and where an endpoint serves it.
 *
 * @param servicePort what clients connect to
 * @param targetPort what the endpoint listens on; 0 in a service whose endpoints differ
 * @param protocol what is spoken on it
 */
public record ServicePort(int servicePort, int targetPort, AppProtocol protocol) {
  /** One of which nobody said what it speaks. */
  public ServicePort(int servicePort, int targetPort) {
    this(servicePort, targetPort, AppProtocol.UNKNOWN);
  }
}
