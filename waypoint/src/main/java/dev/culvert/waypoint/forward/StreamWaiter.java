// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.http.StreamFailure;

/** Waits for a stream to a backend. */
interface StreamWaiter {
  /** There is one; it is the waiter's now. */
  void ready(BackendStream stream);

  /** There will be none. */
  void refused(StreamFailure failure);

  /** Whether nobody wants it any more. */
  boolean isGone();
}
