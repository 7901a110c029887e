/**
 * A mesh on one machine: nodes, pods and links as network namespaces, processes in their own
 * cgroups. Enters: what should exist. Leaves: running processes, and a manifest by which everything
 * is cleaned up even after a crash. Blocking, platform threads only.
 */
package dev.culvert.cli.lab;
