/**
 * The ways from client to server that are measured side by side: direct, through Culvert, through
 * tunnel pairs. Enters: a site. Leaves: open lanes, and what their proxies are.
 */
package dev.culvert.perf.bench.lane;
