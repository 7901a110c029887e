/**
 * Names of the mesh for its pods. Enters: DNS over UDP on each pod's port 15053, and captured TCP
 * connections to port 53. Leaves: answers for services and pods the mesh knows; every other query
 * to resolvers, the one that the pod asked first, from inside the pod's namespace. What a pod's
 * queries share is on one event loop.
 */
package dev.culvert.ztunnel.dns;
