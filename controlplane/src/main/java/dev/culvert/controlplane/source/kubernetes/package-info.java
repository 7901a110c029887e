/**
 * A Kubernetes API server as the source. Enters: lists and watches of the kinds that the mesh is
 * made of. Leaves: changes of resources, read by the rules that files are read by, in batches and
 * on one thread. What is kept of an object beyond its resource is its name and version.
 */
package dev.culvert.controlplane.source.kubernetes;
