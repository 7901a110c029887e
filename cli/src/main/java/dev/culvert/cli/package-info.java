/**
 * The culvert command. Enters: arguments, environment and files. Leaves: a running process of the
 * mesh or a finished command, as an exit code: 0 done, 1 failed, 2 used wrongly.
 */
package dev.culvert.cli;
