/**
 * What is to be done with the requests that a rule takes, worked out when the configuration changes
 * and not when a request comes. Immutable, any thread.
 */
package dev.culvert.waypoint.plan;
