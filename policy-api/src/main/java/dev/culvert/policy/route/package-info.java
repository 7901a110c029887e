/**
 * HTTP routes as Gateway API means them. Enters: a request's head. Leaves: the rule that takes it,
 * by the specification's precedence. Pure, any thread.
 */
package dev.culvert.policy.route;
