// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import java.io.IOException;
import java.util.Map;

/** A way from client to server. Opened anew, with new proxies, for each round. */
public interface Lane {
  /** Short, unique, as the command line names it. */
  String name();

  /** For the report. */
  String title();

  /** Software, version, TLS engine and whatever else is needed to tell what was measured. */
  Map<String, String> facts() throws IOException;

  /** Starts its proxies and waits until they take connections. */
  OpenLane open() throws IOException;
}
