/**
 * The node's L4 proxy. Enters: its settings. Leaves: a running proxy, whose start-up order and end
 * are in {@link dev.culvert.ztunnel.Ztunnel}; the packages below follow a connection's path. Start
 * and close on the caller's thread.
 */
package dev.culvert.ztunnel;
