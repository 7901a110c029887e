/** Benchmarks of {@code dev.culvert.linux}; they need root. */
package dev.culvert.perf.linux;
