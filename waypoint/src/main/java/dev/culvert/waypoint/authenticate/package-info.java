// SPDX-License-Identifier: Apache-2.0
/**
 * The phase in which RequestAuthentications prove tokens (RFC 7519). Enters: a request as the
 * client sent it. Leaves: the same, with what its token says, or a 401. Event loop; keys are
 * fetched on threads of their own.
 */
package dev.culvert.waypoint.authenticate;
