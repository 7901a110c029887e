/**
 * What people and their tools ask a running proxy. Enters: HTTP on three ports, of which only the
 * one for changes and secrets of topology is closed to other machines. Leaves: readiness, metrics,
 * the state as JSON. On threads of its own, never on a connection's.
 */
package dev.culvert.ztunnel.admin;
