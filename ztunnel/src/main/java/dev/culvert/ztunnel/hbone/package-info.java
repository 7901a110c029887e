/**
 * The tunnel between nodes: HTTP/2 CONNECT in mutual TLS. Enters: on one side who wants to reach
 * which address, on the other a TLS connection to a pod. Leaves: streams as ends to relay, pooled
 * in few connections. Each tunnel and its streams on one event loop, nothing shared between loops.
 */
package dev.culvert.ztunnel.hbone;
