/**
 * What is written into the status of objects of an API server. Enters: what is to be said. Leaves:
 * patches of the status subresource, by the replica that leads, when something is new. What others
 * say there stays. Blocking.
 */
package dev.culvert.controlplane.status;
