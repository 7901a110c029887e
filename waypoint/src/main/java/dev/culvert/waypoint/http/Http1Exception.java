// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

/** A message of HTTP/1 that cannot be read, or could be read in two ways. */
public final class Http1Exception extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  /** Bytes that are no HTTP/1: 400 where they are a request's. */
  public Http1Exception(String problem) {
    this(400, problem);
  }

  /**
   * Another reason to read no further.
   *
   * @param status what a client is answered, 400 to 599
   */
  public Http1Exception(int status, String problem) {
    super(problem, null, false, false);
    this.status = status;
  }

  /** What a client is answered. */
  public int status() {
    return status;
  }
}
