// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import dev.culvert.waypoint.http.ResponseFlag;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * An answer of ours as a client of gRPC understands it: status 200 and the code in the head, which
 * is all there is (gRPC over HTTP2, Trailers-Only).
 */
final class GrpcAnswer {
  private static final String TYPE = "application/grpc";
  private static final int UNAVAILABLE = 14;

  private GrpcAnswer() {}

  /** Whether the request is a call. */
  static boolean isCall(HttpHeaders request) {
    String type = request.get(HttpHeaderNames.CONTENT_TYPE);
    return type != null
        && type.startsWith(TYPE)
        && (type.length() == TYPE.length() || "+;".indexOf(type.charAt(TYPE.length())) >= 0);
  }

  /**
   * Writes the code that an answer means: by its status (gRPC, HTTP to gRPC Status Code Mapping),
   * but UNAVAILABLE where a rule has no backend (Gateway API, GRPCRouteRule).
   */
  static void write(LocalAnswer answer, HttpHeaders to) {
    to.set(HttpHeaderNames.CONTENT_TYPE, TYPE);
    boolean noBackend = answer.flag() == ResponseFlag.NO_CLUSTER;
    to.set("grpc-status", noBackend ? UNAVAILABLE : code(answer.status()));
    to.set("grpc-message", "HTTP status " + answer.status());
  }

  private static int code(int status) {
    return switch (status) {
      case 400, 431 -> 13;
      case 401 -> 16;
      case 403 -> 7;
      case 404 -> 12;
      case 429, 502, 503, 504 -> UNAVAILABLE;
      default -> 2;
    };
  }
}
