// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import dev.culvert.waypoint.exchange.Exchange;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** How a gRPC call ended: its code from the trailers, or from the head when that was all. */
final class GrpcStatus {
  private static final String FIELD = "grpc-status";
  private static final int LAST = 16;

  private GrpcStatus() {}

  /** 0 to 16, or empty when none came or it is no call; backends send nothing else into labels. */
  static String of(Exchange exchange) {
    if (!exchange.account().isCall()) {
      return "";
    }
    String code = value(exchange.account().trailers());
    if (code == null) {
      code = value(exchange.account().responseHeaders());
    }
    return code != null && isCode(code) ? code : "";
  }

  private static @Nullable String value(@Nullable HttpHeaders headers) {
    return headers == null ? null : headers.get(FIELD);
  }

  private static boolean isCode(String text) {
    return text.length() <= 2
        && text.chars().allMatch(c -> c >= '0' && c <= '9')
        && !text.isEmpty()
        && Integer.parseInt(text) <= LAST;
  }
}
