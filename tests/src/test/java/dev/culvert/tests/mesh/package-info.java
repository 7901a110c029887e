/**
 * The mesh under test: real processes in a lab of network namespaces. Enters: YAML, pods, kills.
 * Leaves: sockets of pods, the processes' logs, and the proof that nothing stays behind. For
 * platform threads; blocks.
 */
package dev.culvert.tests.mesh;
