// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/** A service account of a namespace, whatever the trust domain. */
public record ServiceAccountRef(String namespace, String name) {}
