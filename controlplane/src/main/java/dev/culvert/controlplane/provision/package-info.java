/**
 * Makes in a cluster what a waypoint's Gateway asks for: Gateways in, objects and the Gateway's
 * status out. Only the replica that leads writes, on one thread of its own.
 */
package dev.culvert.controlplane.provision;
