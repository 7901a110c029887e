// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/** A resource and where in its file it starts. */
record LocatedResource(Resource resource, int document, int line) {
  boolean sameKey(LocatedResource other) {
    return resource.key().equals(other.resource.key());
  }
}
