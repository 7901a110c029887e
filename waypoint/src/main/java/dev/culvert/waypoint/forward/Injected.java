// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.policy.traffic.Faults;
import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.plan.Destination;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** What a policy makes of requests in place of sending them. */
final class Injected {
  private static final int WHOLE = 100;

  private Injected() {}

  /** How long the next request waits; zero for not at all. */
  static Duration delay(Faults faults) {
    return faults
        .delay()
        .filter(delay -> draws(delay.percent()))
        .map(Faults.Delay::span)
        .orElse(Duration.ZERO);
  }

  /** What the next request is answered; empty when it is sent. */
  static Optional<LocalAnswer> abort(Faults faults, Destination to) {
    return faults
        .abort()
        .filter(abort -> draws(abort.percent()))
        .map(
            abort -> {
              HttpHeaders headers = new DefaultHttpHeaders();
              abort
                  .grpcStatus()
                  .ifPresent(
                      code ->
                          headers
                              .set(HttpHeaderNames.CONTENT_TYPE, "application/grpc")
                              .set("grpc-status", code)
                              .set("grpc-message", "fault filter abort"));
              return new LocalAnswer(
                  abort.status(), ResponseFlag.FAULT, "a policy aborts it to " + to, headers, "");
            });
  }

  private static boolean draws(int percent) {
    return ThreadLocalRandom.current().nextInt(WHOLE) < percent;
  }

  /**
   * The answer to one request too many.
   *
   * @param pause nanoseconds until the next may go
   */
  static LocalAnswer tooMany(long pause, Destination to) {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.RETRY_AFTER, TimeUnit.NANOSECONDS.toSeconds(pause - 1) + 1);
    return new LocalAnswer(
        429, ResponseFlag.RATE_LIMITED, "more requests than the rate limit of " + to, headers, "");
  }
}
