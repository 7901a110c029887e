// SPDX-License-Identifier: Apache-2.0
/**
 * AuthorizationPolicy judged request by request, where HTTP is seen: everything that a rule can
 * say. Compiled when policies change, asked on event loops.
 */
package dev.culvert.policy.authz.request;
