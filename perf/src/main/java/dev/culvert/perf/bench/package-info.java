/**
 * The side-by-side suite: {@code ./culvert bench}. Enters: what to measure and how long. Leaves: a
 * report. One thread runs it all; load and proxies are processes of their own.
 */
package dev.culvert.perf.bench;
