// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.SessionPersistence;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SessionsTest {
  private long now = 1_000;

  private Sessions sessions(boolean permanent, Duration absolute, Duration idle) {
    return new Sessions(
        new SessionPersistence(
            "s", false, permanent, Optional.ofNullable(absolute), Optional.ofNullable(idle)),
        () -> now);
  }

  private static HttpHeaders cookie(HttpHeaders response) {
    String field = response.get("set-cookie");
    return new DefaultHttpHeaders().set("cookie", "a=b; " + field.substring(0, field.indexOf(';')));
  }

  private static HttpHeaders written(Sessions sessions, Sessions.Session before) {
    HttpHeaders response = new DefaultHttpHeaders();
    sessions.write(before, -1, 7, response);
    return response;
  }

  @Test
  void sessionIsReadAsItWasWritten() {
    Sessions sessions = sessions(false, null, null);
    HttpHeaders response = written(sessions, null);
    assertThat(response.get("set-cookie"))
        .isEqualTo("s=ffffffffffffffff-7-3e8-3e8; Path=/; HttpOnly; SameSite=Lax");
    Sessions.Session session = sessions.of(cookie(response)).orElseThrow();
    assertThat(session).isEqualTo(new Sessions.Session(-1, 7, 1_000, 1_000));
    assertThat(written(sessions, session)).as("the client knows").isEmpty();
  }

  @Test
  void absoluteTimeoutCountsFromItsBegin() {
    Sessions sessions = sessions(true, Duration.ofMinutes(1), Duration.ofSeconds(50));
    HttpHeaders first = written(sessions, null);
    assertThat(first.get("set-cookie")).endsWith("; Max-Age=60");
    now += 40;
    HttpHeaders next = written(sessions, sessions.of(cookie(first)).orElseThrow());
    assertThat(next.get("set-cookie")).endsWith("; Max-Age=20");
    now += 19;
    assertThat(sessions.of(cookie(next))).isPresent();
    now += 1;
    assertThat(sessions.of(cookie(next))).isEmpty();
  }

  @Test
  void idleTimeoutCountsFromTheLastRequest() {
    Sessions sessions = sessions(false, null, Duration.ofSeconds(10));
    HttpHeaders first = written(sessions, null);
    now += 9;
    HttpHeaders next = written(sessions, sessions.of(cookie(first)).orElseThrow());
    now += 9;
    assertThat(sessions.of(cookie(next))).isPresent();
    assertThat(sessions.of(cookie(first))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1", "1-2-3", "1-2-3-4-5", "1-2-3-x", "1-2-3-11112222333344445", "---"})
  void nonsenseIsNoSession(String value) {
    HttpHeaders request = new DefaultHttpHeaders().set("cookie", "s=" + value);
    assertThat(sessions(false, null, null).of(request)).isEmpty();
  }
}
