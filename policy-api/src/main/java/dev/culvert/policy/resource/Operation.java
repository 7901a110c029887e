// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/** What is asked for; every field that is written must match. */
public record Operation(
    Values<String> hosts, Values<Integer> ports, Values<String> methods, Values<String> paths) {

  static final Operation NOTHING =
      new Operation(Values.nothing(), Values.nothing(), Values.nothing(), Values.nothing());
}
