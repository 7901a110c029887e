// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import dev.culvert.policy.resource.SessionPersistence;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoint a client's requests go to, as the client tells it: nothing is kept here. What it
 * is told are hashes, so that no address gets out.
 */
public final class Sessions {
  private static final int PARTS = 4;
  private static final int HEX = 16;

  private final SessionPersistence settings;
  private final LongSupplier seconds;

  /**
   * @param seconds the time
   */
  public Sessions(SessionPersistence settings, LongSupplier seconds) {
    this.settings = settings;
    this.seconds = seconds;
  }

  /**
   * A session.
   *
   * @param backend the hash of the destination's name
   * @param endpoint the hash of the endpoint's address
   * @param begun in seconds since 1970
   * @param seen the same of its last request
   */
  public record Session(long backend, long endpoint, long begun, long seen) {}

  /** That of a request, if it has one that lasts. */
  public Optional<Session> of(HttpHeaders request) {
    String told = settings.header() ? request.get(settings.name()) : cookie(request);
    return told == null ? Optional.empty() : parse(told).filter(this::lasts);
  }

  private @Nullable String cookie(HttpHeaders request) {
    for (String field : request.getAll(HttpHeaderNames.COOKIE)) {
      for (Cookie one : ServerCookieDecoder.LAX.decodeAll(field)) {
        if (one.name().equals(settings.name())) {
          return one.value();
        }
      }
    }
    return null;
  }

  private static Optional<Session> parse(String told) {
    String[] parts = told.split("-", -1);
    if (parts.length != PARTS) {
      return Optional.empty();
    }
    long[] numbers = new long[PARTS];
    for (int i = 0; i < PARTS; i++) {
      if (!parts[i].matches("[0-9a-f]{1,16}")) {
        return Optional.empty();
      }
      numbers[i] = Long.parseUnsignedLong(parts[i], HEX);
    }
    return Optional.of(new Session(numbers[0], numbers[1], numbers[2], numbers[3]));
  }

  private boolean lasts(Session session) {
    long now = seconds.getAsLong();
    return settings
            .absoluteTimeout()
            .filter(most -> now - session.begun() >= most.toSeconds())
            .isEmpty()
        && settings
            .idleTimeout()
            .filter(most -> now - session.seen() >= most.toSeconds())
            .isEmpty();
  }

  /**
   * Tells the client where its requests go, if it does not know.
   *
   * @param before what it told; null for nothing
   */
  public void write(@Nullable Session before, long backend, long endpoint, HttpHeaders response) {
    boolean same = before != null && before.backend() == backend && before.endpoint() == endpoint;
    if (same && settings.idleTimeout().isEmpty()) {
      return;
    }
    long now = seconds.getAsLong();
    String value = "%x-%x-%x-%x".formatted(backend, endpoint, same ? before.begun() : now, now);
    if (settings.header()) {
      response.set(settings.name(), value);
      return;
    }
    long left =
        settings.absoluteTimeout().map(Duration::toSeconds).orElse(0L)
            - (same ? now - before.begun() : 0);
    String age = settings.permanent() ? "; Max-Age=" + left : "";
    response.add(
        HttpHeaderNames.SET_COOKIE,
        "%s=%s; Path=/; HttpOnly; SameSite=Lax%s".formatted(settings.name(), value, age));
  }
}
