// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import java.net.InetSocketAddress;

/** What the choice of an endpoint may depend on. */
public interface Asking {
  /** Whether the client speaks HTTP/2, for destinations that do not say what they speak. */
  boolean isHttp2();

  /** The address that the client connected to. */
  InetSocketAddress address();
}
