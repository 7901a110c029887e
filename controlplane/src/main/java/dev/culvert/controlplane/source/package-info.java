/**
 * Where resources come from. Enters: a folder of Kubernetes YAML and its changes. Leaves: the
 * resources in force; a file with an error keeps what it last said. Runs on the folder watch's own
 * thread.
 */
package dev.culvert.controlplane.source;
