/**
 * The place of a benchmark: two sides joined by one link, a core for each, and the servers that are
 * measured through. Enters: nothing. Leaves: processes and their use of CPU and memory.
 */
package dev.culvert.perf.bench.site;
