/**
 * Single runs of load through an open lane. Enters: a lane. Leaves: figures, one per metric. The
 * caller's thread waits for the load generators.
 */
package dev.culvert.perf.bench.measure;
