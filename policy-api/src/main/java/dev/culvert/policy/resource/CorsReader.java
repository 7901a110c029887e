// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Reads what a rule lets pages of other origins do. */
final class CorsReader {
  private static final String ANY = "*";
  private static final int MAX_AGE = 5;

  /** Gateway API, CORSOrigin; the wildcard stands for what is left of the rest of the host. */
  private static final Pattern ORIGIN =
      Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://(\\*|(\\*\\.)?[A-Za-z0-9.-]+)(:\\d{1,5})?");

  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

  private CorsReader() {}

  static HttpRouteFilter read(ObjectReader cors) {
    return new HttpRouteFilter.Cors(
        alone(cors, "allowOrigins", cors.parsedItems("allowOrigins", CorsReader::origin)),
        cors.flag("allowCredentials", false),
        alone(cors, "allowMethods", cors.parsedItems("allowMethods", CorsReader::token)),
        alone(cors, "allowHeaders", cors.parsedItems("allowHeaders", CorsReader::token)),
        alone(cors, "exposeHeaders", cors.parsedItems("exposeHeaders", CorsReader::token)),
        cors.integer("maxAge", MAX_AGE, 1, Integer.MAX_VALUE));
  }

  private static List<String> alone(ObjectReader cors, String list, List<String> read) {
    if (read.contains(ANY) && read.size() > 1) {
      cors.error(list, "* says all that the others say", "write * alone, or leave it out");
    }
    return read;
  }

  private static String origin(String text) {
    if (!text.equals(ANY) && !ORIGIN.matcher(text).matches()) {
      throw new InvalidValueException(
          "'%s' is no origin".formatted(text), "write SCHEME://HOST or SCHEME://HOST:PORT");
    }
    return text.toLowerCase(Locale.ROOT);
  }

  private static String token(String text) {
    if (!TOKEN.matcher(text).matches()) {
      throw new InvalidValueException(
          "'%s' is no name".formatted(text), "leave out spaces and separators");
    }
    return text;
  }
}
