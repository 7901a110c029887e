/**
 * The way to the control plane. Enters: its address, the root to trust, the token to show. Leaves:
 * gRPC channels and the pace of new attempts. The root and the token are read again when they
 * change, on the thread of the call that needs them.
 */
package dev.culvert.ztunnel.controlplane;
