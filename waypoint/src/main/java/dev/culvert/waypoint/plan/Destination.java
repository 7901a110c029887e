// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A backend of a rule with its endpoints, taken in turn. */
public final class Destination {
  private final String namespace;
  private final String service;
  private final int port;
  private final Target[] targets;
  private final AtomicInteger turn = new AtomicInteger();
  private final boolean missing;
  private final String hostname;

  /**
   * @param targets those that can take requests; none makes every request fail with 503
   */
  public Destination(String namespace, String service, int port, List<Target> targets) {
    this(namespace, service, port, targets, false);
  }

  private Destination(
      String namespace, String service, int port, List<Target> targets, boolean missing) {
    this.missing = missing;
    this.hostname = service + "." + namespace + ".svc.cluster.local";
    this.namespace = namespace;
    this.service = service;
    this.port = port;
    this.targets = targets.toArray(Target[]::new);
  }

  /** One that does not exist, or may not be named: its requests fail with 500. */
  public static Destination missing(String namespace, String service, int port) {
    return new Destination(namespace, service, port, List.of(), true);
  }

  /** Whether there is no such destination. */
  public boolean isMissing() {
    return missing;
  }

  /** The host name of its service. */
  public String hostname() {
    return hostname;
  }

  /** The namespace of its service. */
  public String namespace() {
    return namespace;
  }

  /** The name of its service. */
  public String service() {
    return service;
  }

  /** The port of its service. */
  public int port() {
    return port;
  }

  /** The next endpoint in turn, or null when there is none. */
  public @Nullable Target next() {
    if (targets.length == 0) {
      return null;
    }
    return targets.length == 1
        ? targets[0]
        : targets[Integer.remainderUnsigned(turn.getAndIncrement(), targets.length)];
  }

  @Override
  public String toString() {
    return "%s/%s:%d".formatted(namespace, service, port);
  }
}
