/**
 * Connections between two pods of this node that are not proxied. Enters: proxied ones that policy
 * allowed, changes of the mesh, pods that come and go. Leaves: grants, to the agent, which writes
 * them; their revocation, straight to the kernel; resets of what is forbidden; reports of what
 * ended. Decided on one thread, {@code pairs}.
 */
package dev.culvert.ztunnel.pairs;
