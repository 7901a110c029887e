/**
 * Where a connection goes. Enters: a pod of this node and the address it asked for. Leaves: the
 * choice of one way, or the reason to refuse. Pure decisions on what the mesh looks like now, on
 * the connection's event loop; only the wait for a workload to become known takes time.
 */
package dev.culvert.ztunnel.route;
