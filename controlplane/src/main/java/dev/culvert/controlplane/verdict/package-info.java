/**
 * What is to be said of each resource: whether it is taken, what is left of it, what it is attached
 * to. Enters: resources, their errors, and what their translation left out. Leaves: conditions, for
 * the status of an object, the log and the admission webhook alike. One thread.
 */
package dev.culvert.controlplane.verdict;
