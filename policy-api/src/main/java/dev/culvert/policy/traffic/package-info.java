// SPDX-License-Identifier: Apache-2.0
/**
 * What a TrafficPolicy asks for: how a proxy treats the endpoints of a service. Immutable, no I/O.
 */
package dev.culvert.policy.traffic;
