/**
 * What the API server is told of the node's pods. Enters: how each stands to the mesh, after every
 * pass. Leaves: the annotation that Istio's tools read, and events that say what is in the way.
 */
package dev.culvert.agent.report;
