/**
 * The pods of this node, as the proxy serves them. Enters: pods that come and go. Leaves: listeners
 * inside each pod's namespace, and what they accept, to outbound and inbound. Listeners live on one
 * event loop each; what they accept is spread over all.
 */
package dev.culvert.ztunnel.capture;
