/**
 * The phase that applies a rule's filters. Enters: a request that a rule took. Leaves: the request
 * as the backend is to see it, a redirect, or what is to be changed in the response. Event loop.
 */
package dev.culvert.waypoint.transform;
