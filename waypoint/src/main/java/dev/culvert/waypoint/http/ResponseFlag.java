// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

/** Why a response is not the backend's own, by the short names that Envoy made known. */
public enum ResponseFlag {
  /** Nothing out of the ordinary. */
  NONE("-"),
  /** No route takes the request. */
  NO_ROUTE("NR"),
  /** The route's backend does not exist. */
  NO_CLUSTER("NC"),
  /** The backend has no endpoint that can take requests. */
  NO_HEALTHY_UPSTREAM("UH"),
  /** The endpoint could not be connected. */
  UPSTREAM_CONNECT("UF"),
  /** The endpoint closed the connection in the middle of the exchange. */
  UPSTREAM_CLOSED("UC"),
  /** The endpoint reset the stream. */
  UPSTREAM_RESET("UR"),
  /** The endpoint broke the protocol. */
  UPSTREAM_PROTOCOL("UPE"),
  /** A limit of connections or waiting requests was reached. */
  UPSTREAM_OVERFLOW("UO"),
  /** The endpoint did not answer in time. */
  UPSTREAM_TIMEOUT("UT"),
  /** As often as allowed, and never a good answer. */
  RETRIES_EXCEEDED("URX"),
  /** The client went away. */
  CLIENT_CLOSED("DC"),
  /** The client broke the protocol. */
  CLIENT_PROTOCOL("DPE"),
  /** The whole exchange took longer than its time-out. */
  DURATION_TIMEOUT("DT"),
  /** Nothing moved for the stream's idle time-out. */
  IDLE_TIMEOUT("SI"),
  /** Authentication or authorization refused. */
  DENIED("UAEX"),
  /** A policy had it fail, to see how its client bears it. */
  FAULT("FI"),
  /** A rate limit refused. */
  RATE_LIMITED("RL");

  private final String label;

  ResponseFlag(String label) {
    this.label = label;
  }

  /** As the log and the metrics write it. */
  public String label() {
    return label;
  }
}
