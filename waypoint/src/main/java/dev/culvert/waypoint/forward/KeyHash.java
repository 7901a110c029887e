// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.policy.traffic.HashKey;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.http.Query;
import dev.culvert.waypoint.plan.Hash64;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The hash of what decides where a request goes. */
final class KeyHash {
  private KeyHash() {}

  /** Of a request without it, any number; a client is given a cookie if it is to have one. */
  static long of(HashKey key, Exchange exchange) {
    String value =
        switch (key) {
          case HashKey.Header(String name) -> header(name, exchange.head().headers());
          case HashKey.QueryParameter(String name) -> parameter(name, exchange.head().uri());
          case HashKey.SourceAddress() ->
              exchange.connection().client().getAddress().getHostAddress();
          case HashKey.Cookie cookie -> cookie(cookie, exchange);
        };
    return value == null ? ThreadLocalRandom.current().nextLong() : Hash64.of(value);
  }

  private static @Nullable String header(String name, HttpHeaders headers) {
    List<String> values = headers.getAll(name);
    return values.isEmpty() ? null : String.join(",", values);
  }

  private static @Nullable String parameter(String name, String uri) {
    List<String> values = Query.parameters(Query.of(uri)).getOrDefault(name, List.of());
    return values.isEmpty() ? null : values.getFirst();
  }

  private static @Nullable String cookie(HashKey.Cookie cookie, Exchange exchange) {
    HttpHeaders headers = exchange.head().headers();
    for (String field : headers.getAll(HttpHeaderNames.COOKIE)) {
      for (var one : ServerCookieDecoder.LAX.decodeAll(field)) {
        if (one.name().equals(cookie.name())) {
          return one.value();
        }
      }
    }
    return cookie.ttl().map(ttl -> give(cookie, ttl, exchange)).orElse(null);
  }

  /** The request gets it too, so that a further attempt is the same request. */
  private static String give(HashKey.Cookie cookie, Duration ttl, Exchange exchange) {
    String value = Long.toHexString(ThreadLocalRandom.current().nextLong());
    String pair = cookie.name() + "=" + value;
    String age = ttl.isZero() ? "" : "; Max-Age=" + ttl.toSeconds();
    String field = "%s%s; Path=%s; HttpOnly".formatted(pair, age, cookie.path());
    exchange.head().headers().add(HttpHeaderNames.COOKIE, pair);
    exchange.onResponse(response -> response.headers().add(HttpHeaderNames.SET_COOKIE, field));
    return value;
  }
}
