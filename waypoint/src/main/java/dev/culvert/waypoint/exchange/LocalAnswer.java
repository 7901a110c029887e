// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import dev.culvert.waypoint.http.ResponseFlag;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * A response of ours.
 *
 * @param status 200 to 599
 * @param flag why it is ours
 * @param details for the log; never sent
 * @param headers to send
 * @param body text to send; empty for none
 */
public record LocalAnswer(
    int status, ResponseFlag flag, String details, HttpHeaders headers, String body) {

  /** An answer without header fields and body. */
  public static LocalAnswer of(int status, ResponseFlag flag, String details) {
    return new LocalAnswer(status, flag, details, new DefaultHttpHeaders(), "");
  }
}
