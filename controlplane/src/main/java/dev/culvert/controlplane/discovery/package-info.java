/**
 * Delta xDS. Enters: immutable snapshots of the mesh and the subscriptions of proxies. Leaves: to
 * each proxy what it does not have yet, and nothing else. Streams run on virtual threads, each
 * under its own lock.
 */
package dev.culvert.controlplane.discovery;
