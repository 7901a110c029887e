// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/** What a policy is attached to, in its own namespace. */
public record TargetRef(String group, String kind, String name) {}
