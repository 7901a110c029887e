/**
 * The mesh's certificate authority. Enters: signing requests of node proxies that proved who they
 * are. Leaves: short-lived certificates for identities of pods on the caller's node, and one line
 * in the audit log for each answer. Calls are served on virtual threads.
 */
package dev.culvert.controlplane.ca;
