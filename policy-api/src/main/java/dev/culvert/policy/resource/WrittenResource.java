// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/**
 * A resource of a kind that waypoints are told, with what was written.
 *
 * @param resource in force; of a policy with an error perhaps what stands in for it
 * @param text as JSON in one form, without status; reads as the resource again
 */
public record WrittenResource(Resource resource, String text) {}
