/**
 * The process that is a mesh's front door. Enters: Gateways, routes, services and endpoints of a
 * folder. Leaves: listeners and the chains of their phases, replaced as a whole at each change.
 */
package dev.culvert.waypoint.gateway;
