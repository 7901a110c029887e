/**
 * What was measured, told to people and programs. Enters: figures by lane, metric and round.
 * Leaves: a table, a JSON file, one HTML file that needs nothing else. Pure.
 */
package dev.culvert.perf.bench.report;
