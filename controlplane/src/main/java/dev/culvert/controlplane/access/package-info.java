/**
 * Who may call. Enters: the bearer token of a call. Leaves: the name of the node it was made for,
 * in the call's context, or a refusal. Any thread.
 */
package dev.culvert.controlplane.access;
