// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

/**
 * How the network namespaces of pods are used.
 *
 * @param redirect who takes connections to the proxy there
 * @param ipv6 whether to listen for IPv6 too, where a pod has it
 * @param keepalive of connections that are in no tunnel, whose other end is another host
 */
public record PodNetwork(Redirect redirect, boolean ipv6, Keepalive keepalive) {
  /** As the own agent makes it. */
  public static final PodNetwork STANDARD = new PodNetwork(Redirect.EBPF, true, Keepalive.STANDARD);

  /** Who takes a pod's connections to the proxy. */
  public enum Redirect {
    /** The agent's programs, which also show apps the addresses of their clients. */
    EBPF,
    /**
     * Rules of the packet filter, as istio-cni makes them: DNS over TCP comes to its own port, and
     * apps see their clients' addresses by IP_TRANSPARENT.
     */
    NETFILTER
  }

  /** Whether rules of the packet filter take connections to the proxy. */
  public boolean isByRules() {
    return redirect == Redirect.NETFILTER;
  }
}
