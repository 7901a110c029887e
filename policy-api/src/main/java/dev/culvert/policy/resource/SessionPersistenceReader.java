// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Reads session persistence. */
final class SessionPersistenceReader {
  private static final String STANDARD_NAME = "culvert-session";
  private static final Map<String, Boolean> TYPES = Map.of("Cookie", false, "Header", true);
  private static final Map<String, Boolean> LIFETIMES = Map.of("Session", false, "Permanent", true);

  private SessionPersistenceReader() {}

  static SessionPersistence read(ObjectReader session) {
    boolean header = session.choice("type", TYPES).orElse(false);
    boolean permanent =
        session.object("cookieConfig").choice("lifetimeType", LIFETIMES).orElse(false);
    Optional<Duration> absolute = session.parsed("absoluteTimeout", TimeSpans::positive);
    if (header && session.has("cookieConfig")) {
      session.error("cookieConfig", "type Header has none", "remove it");
    }
    if (permanent && absolute.isEmpty()) {
      session.error(
          "absoluteTimeout", "a permanent cookie needs it", "write how long it lasts, as 1h");
    }
    return new SessionPersistence(
        session.parsed("sessionName", SessionPersistenceReader::token).orElse(STANDARD_NAME),
        header,
        permanent,
        absolute,
        session.parsed("idleTimeout", TimeSpans::positive));
  }

  private static String token(String text) {
    if (!text.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")) {
      throw new InvalidValueException(
          "'%s' is no name of a cookie or field".formatted(text), "use letters, digits and -_");
    }
    return text;
  }
}
