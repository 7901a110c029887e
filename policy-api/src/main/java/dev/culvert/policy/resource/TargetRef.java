// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/**
 * What a policy is attached to, in its own namespace.
 *
 * @param section a part of it, such as a listener of a Gateway; empty for all of it
 */
public record TargetRef(String group, String kind, String name, String section) {
  /** All of a resource. */
  public TargetRef(String group, String kind, String name) {
    this(group, kind, name, "");
  }
}
