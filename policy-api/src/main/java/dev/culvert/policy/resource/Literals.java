// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.net.InetAddress;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Readers of the texts that fields hold; each throws InvalidValueException with the remedy. */
final class Literals {
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  private static final Pattern OCTET = Pattern.compile("0|[1-9][0-9]{0,2}");
  private static final int NAME_LENGTH = 253;
  private static final int LABEL_LENGTH = 63;

  private Literals() {}

  /** An address without a zone; never asks DNS. */
  static InetAddress ip(String text) {
    try {
      if (!text.contains(":") && !isDotted(text)) {
        throw notAnIp(text);
      }
      if (text.contains("%") || text.contains("[")) {
        throw notAnIp(text);
      }
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw notAnIp(text);
    }
  }

  /** The address, if the text is one. */
  static Optional<InetAddress> ipIfAny(String text) {
    boolean ip = text.contains(":") || isDotted(text);
    return ip ? Optional.of(ip(text)) : Optional.empty();
  }

  private static InvalidValueException notAnIp(String text) {
    return new InvalidValueException(
        "'%s' is no IP address".formatted(text), "write one such as 198.18.0.1 or fd00:c01::1");
  }

  /** InetAddress takes 1.2 and 010.0.0.1 too, and other programs read those in other ways. */
  private static boolean isDotted(String text) {
    String[] octets = text.split("\\.", -1);
    if (octets.length != 4) {
      return false;
    }
    for (String octet : octets) {
      if (!OCTET.matcher(octet).matches()) {
        return false;
      }
    }
    return true;
  }

  static int port(String text) {
    int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
    if (port < 1 || port > 65535) {
      throw new InvalidValueException("'%s' is no port".formatted(text), "write 1 to 65535");
    }
    return port;
  }

  /** The name of a resource: a DNS subdomain (RFC 1123). */
  static String name(String text) {
    if (text.length() > NAME_LENGTH || !NAME.matcher(text).matches()) {
      throw new InvalidValueException(
          "'%s' is no name".formatted(text),
          "use up to 253 of a-z, 0-9, '-' and '.', with a letter or digit at both ends");
    }
    return text;
  }

  /** The name of a namespace: a DNS label (RFC 1123). */
  static String namespace(String text) {
    if (text.length() > LABEL_LENGTH || text.contains(".") || !NAME.matcher(text).matches()) {
      throw new InvalidValueException(
          "'%s' is no namespace".formatted(text),
          "use up to 63 of a-z, 0-9 and '-', with a letter or digit at both ends");
    }
    return text;
  }

  /** A host name in lower case, exact or with the first label {@code *}. */
  static String hostname(String text) {
    String host = text.toLowerCase(Locale.ROOT);
    String fixed = host.startsWith("*.") ? host.substring(2) : host;
    if (fixed.length() > NAME_LENGTH || !NAME.matcher(fixed).matches() || isDotted(fixed)) {
      throw new InvalidValueException(
          "'%s' is no host name".formatted(text),
          "write one such as api.example.com or *.example.com");
    }
    return host;
  }

  /** A host name in lower case. */
  static String exactHostname(String text) {
    if (text.startsWith("*")) {
      throw new InvalidValueException(
          "'%s' is no exact host name".formatted(text), "write one such as api.example.com");
    }
    return hostname(text);
  }

  static Instant timestamp(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw new InvalidValueException(
          "'%s' is no time".formatted(text), "write one such as 2026-11-21T09:00:00Z");
    }
  }

  /** Any text but none. */
  static String some(String text) {
    if (text.isEmpty()) {
      throw new InvalidValueException("it is empty", "write a value or remove it");
    }
    return text;
  }

  /** Text to compare with, where one wildcard may stand at either end. */
  static String pattern(String text) {
    some(text);
    String fixed = text.replaceFirst("^\\*|\\*$", "");
    if (fixed.contains("*")) {
      throw new InvalidValueException(
          "'%s' has a '*' where it means nothing".formatted(text),
          "use one '*', at the start or at the end");
    }
    return text;
  }

  /**
   * A path: exact, with {@code *} at one end, or a template whose segments may be {@code {*}} (one
   * segment) or {@code {**}} (any number of them).
   */
  static String path(String text) {
    some(text);
    if (!text.contains("{") && !text.contains("}")) {
      return text;
    }
    for (String segment : text.split("/", -1)) {
      boolean wildcard = segment.equals("{*}") || segment.equals("{**}");
      if (!wildcard && (segment.contains("{") || segment.contains("}") || segment.contains("*"))) {
        throw new InvalidValueException(
            "'%s' is no template of a path".formatted(text),
            "let '{*}' or '{**}' be a whole segment, and use no other '*'");
      }
    }
    return text;
  }

  /** An identity from mutual TLS. */
  static String principal(String text) {
    if (text.startsWith("spiffe://")) {
      throw new InvalidValueException(
          "'%s' would never match: principals have no scheme".formatted(text),
          "write '%s'".formatted(text.substring("spiffe://".length())));
    }
    return pattern(text);
  }
}
