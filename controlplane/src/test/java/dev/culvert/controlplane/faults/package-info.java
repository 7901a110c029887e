/**
 * What every controller does on an API server that is not well. Enters: a fault. Leaves: nothing,
 * but that what was to be done is done once it is over.
 */
package dev.culvert.controlplane.faults;
