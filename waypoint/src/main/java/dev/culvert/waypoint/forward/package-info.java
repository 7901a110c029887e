/**
 * The phase that sends a request to a backend. Enters: a request with its plan. Leaves: the request
 * on a pooled connection, and its response on the way back. Pools belong to one event loop.
 */
package dev.culvert.waypoint.forward;
