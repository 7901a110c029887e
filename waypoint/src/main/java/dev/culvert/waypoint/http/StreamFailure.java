// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

/**
 * Why a stream broke.
 *
 * @param flag as the access log and the metrics tell it
 * @param problem one line for the operator
 * @param untouched whether the peer is known to have done nothing with the request, so that it can
 *     be sent again
 */
public record StreamFailure(ResponseFlag flag, String problem, boolean untouched) {

  /** A failure after which the peer may have acted. */
  public StreamFailure(ResponseFlag flag, String problem) {
    this(flag, problem, false);
  }
}
