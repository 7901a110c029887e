/**
 * What the rules of routes come to. Enters: routes as they are written, and the services they name.
 * Leaves: what to match, and a plan for each rule. On the thread that reads the resources.
 */
package dev.culvert.waypoint.route;
