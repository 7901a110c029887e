/** Benchmarks of {@code dev.culvert.policy}. */
package dev.culvert.perf.policy;
