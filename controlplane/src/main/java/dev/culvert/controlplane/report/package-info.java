/**
 * Tells those who applied a resource what became of it, where they look: in its status and in
 * events. Enters: what is said of each resource, and what the API server says of it already.
 * Leaves: writes, by the replica that leads. One thread.
 */
package dev.culvert.controlplane.report;
