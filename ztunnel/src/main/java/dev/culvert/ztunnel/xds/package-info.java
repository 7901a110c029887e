/**
 * What the node knows of the mesh. Enters: workloads, services and policies from the control plane,
 * over delta xDS. Leaves: a view of them that any thread reads without a lock, and word of changes.
 * One thread applies; the last state stays when the control plane is away.
 */
package dev.culvert.ztunnel.xds;
