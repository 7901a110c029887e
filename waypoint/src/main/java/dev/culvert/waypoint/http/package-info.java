/**
 * HTTP without its version: what clients' and backends' connections have in common, so that the
 * phases between them are written once. Event loop.
 */
package dev.culvert.waypoint.http;
