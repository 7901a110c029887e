/**
 * The control plane as one object: settings in, a TLS server for discovery and certificates out.
 * Started and closed by any one thread; calls are served on virtual threads.
 */
package dev.culvert.controlplane;
