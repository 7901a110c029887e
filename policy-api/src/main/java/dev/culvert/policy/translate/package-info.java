/**
 * From policy as users write it to policy as the proxies of pods hold it. Enters:
 * AuthorizationPolicy and PeerAuthentication resources. Leaves: istio.security.Authorization
 * messages, which of them each workload must name, and notices of what has no effect there and why.
 * Pure and immutable.
 */
package dev.culvert.policy.translate;
