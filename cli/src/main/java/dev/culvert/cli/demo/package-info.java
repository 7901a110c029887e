/**
 * The local demo: a whole mesh in a lab, the way of one connection through it, and proofs. Enters:
 * the demo subcommands. Leaves: a report, the exit code, and after it nothing on the machine unless
 * it was asked to keep the mesh. Blocking, main thread.
 */
package dev.culvert.cli.demo;
