// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/**
 * What made a resource.
 *
 * @param controller whether it is the one that manages it
 */
public record OwnerReference(String apiVersion, String kind, String name, boolean controller) {}
