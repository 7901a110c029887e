/**
 * Benchmarks of single pieces, under the package name of what they measure. Run by hand; each runs
 * once, briefly, in the build.
 */
package dev.culvert.perf;
