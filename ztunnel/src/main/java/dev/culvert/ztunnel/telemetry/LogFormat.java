// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

/** How the access log is written. */
public enum LogFormat {
  /** {@code connection complete src.addr=… …}, as Istio's ztunnel writes it. */
  TEXT,
  /** The same names as members of the event, for an encoder that writes JSON. */
  JSON
}
