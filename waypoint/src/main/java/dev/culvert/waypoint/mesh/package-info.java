/**
 * The process that is a namespace's waypoint. Enters: tunnels of clients' proxies, and in them
 * connections to services and pods that have this waypoint. Leaves: requests and connections to
 * their endpoints, in tunnels where they have one. Event loop of the client's tunnel.
 */
package dev.culvert.waypoint.mesh;
