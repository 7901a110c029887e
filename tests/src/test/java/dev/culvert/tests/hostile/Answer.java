// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

/** What became of one request. */
public sealed interface Answer {
  /** RFC 9113 7. */
  int PROTOCOL_ERROR = 1;

  /** Response headers came. */
  record Status(int code) implements Answer {}

  /** The stream was reset. */
  record Reset(int errorCode) implements Answer {}

  /** The whole connection ended: GOAWAY, a TLS alert, or the end of TCP. */
  record Closed(String how) implements Answer {}
}
