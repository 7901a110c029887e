/**
 * SPIFFE identities. Enters: URIs from certificates, policy and configuration. Leaves: checked
 * trust domains and ids, or an error that says which rule of the SPIFFE-ID standard is broken.
 * Pure.
 */
package dev.culvert.policy.spiffe;
