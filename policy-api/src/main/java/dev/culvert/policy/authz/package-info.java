/**
 * L4 authorization. Enters: istio.security.Authorization messages and what is known of a
 * connection. Leaves: a verdict with the policy that decided. Immutable; decide() may be called
 * from any event loop and allocates nothing unless it answers MISSING.
 */
package dev.culvert.policy.authz;
