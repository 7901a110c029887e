// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.Resources;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.route.Closed;

/**
 * Works out listeners and routes of all Gateways of a class (Gateway API v1), again with each
 * change: what does not change is what it was, the same object. One thread at a time.
 */
public final class GatewayCompiler {
  private final Surroundings surroundings;
  private final Kept kept = new Kept();

  public GatewayCompiler(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /**
   * What these resources come to.
   *
   * @param backends finds those that routes may name
   * @param closed beside what can be read
   */
  public Compiled compile(Resources files, BackendSource backends, Closed closed) {
    kept.begin();
    surroundings.keys().begin();
    Compiled compiled =
        new Compilation(files, surroundings, backends, closed, kept)
            .compile(surroundings.className());
    surroundings.keys().end();
    kept.end();
    return compiled;
  }
}
