// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import dev.culvert.ztunnel.telemetry.KnownFields;

/** A backend of a rule, and where its requests go from moment to moment. */
public final class Destination {
  private final String namespace;
  private final String service;
  private final String hostname;
  private final int port;
  private final Picker picker;
  private final String name;
  private final long id;
  private final KnownFields fields;

  /**
   * @param service its name; empty for a pod that was asked for itself
   */
  public Destination(String namespace, String service, String hostname, int port, Picker picker) {
    this.namespace = namespace;
    this.service = service;
    this.hostname = hostname;
    this.port = port;
    this.picker = picker;
    this.name = "%s/%s:%d".formatted(namespace, service.isEmpty() ? hostname : service, port);
    this.id = Hash64.of(name);
    this.fields = new KnownFields(to -> to.text("backend", name));
  }

  /** A service of the cluster. */
  public Destination(String namespace, String service, int port, Picker picker) {
    this(namespace, service, hostname(namespace, service), port, picker);
  }

  /** One that does not exist, or may not be named: its requests fail with 500. */
  public static Destination missing(String namespace, String service, int port) {
    Pick none = new Pick.None(true, "the rule has no backend that exists");
    return new Destination(namespace, service, port, asking -> none);
  }

  private static String hostname(String namespace, String service) {
    return service + "." + namespace + ".svc.cluster.local";
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

  /** The hash of its name. */
  public long id() {
    return id;
  }

  /** What the access log says of it. */
  public KnownFields fields() {
    return fields;
  }

  /** The endpoint of the next request. */
  public Pick next(Asking asking) {
    return picker.next(asking);
  }

  /** What becomes of its requests beside that. */
  public Treatment treatment() {
    return picker.treatment();
  }

  @Override
  public String toString() {
    return name;
  }
}
