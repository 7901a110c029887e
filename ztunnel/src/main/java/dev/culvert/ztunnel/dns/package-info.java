/**
 * Names of the mesh for its pods. Enters: DNS over UDP on each pod's port 15053. Leaves: answers
 * for services and pods the mesh knows; every other query, unchanged, to the node's resolvers from
 * inside the pod's namespace. All of a pod on its listener's event loop.
 */
package dev.culvert.ztunnel.dns;
