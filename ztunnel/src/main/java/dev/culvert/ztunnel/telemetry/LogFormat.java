// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

/** How the access log is written. */
public enum LogFormat {
  /** {@code connection complete src.addr=… …}, as Istio's ztunnel writes it. */
  TEXT,
  /** One JSON object per line with the same names. */
  JSON
}
