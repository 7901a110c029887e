/**
 * The knobs of a process. Enters: text values by name, from file, environment and command line.
 * Leaves: typed values with units, or an error that names the key and the remedy. Pure, any thread.
 */
package dev.culvert.policy.settings;
