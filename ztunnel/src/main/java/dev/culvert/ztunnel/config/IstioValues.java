// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import dev.culvert.policy.settings.InvalidSettingException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Values of Istio's ztunnel as our settings write them. What is wrong stays, and is refused there.
 */
final class IstioValues {
  private static final Pattern SPAN = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
  private static final List<String> LEVELS = List.of("error", "warn", "info", "debug", "trace");

  private IstioValues() {}

  /** {@code https://HOST:PORT}, where the scheme may be missing. */
  static String address(String text) {
    String address = text.startsWith("https://") ? text.substring(8) : text;
    return address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
  }

  /** A number of bytes. */
  static String bytes(String text) {
    return text + "B";
  }

  /** Spans one after the other, {@code 1h30m}. */
  static String duration(String text) {
    Matcher part = SPAN.matcher(text);
    long millis = 0;
    int end = 0;
    while (part.find() && part.start() == end) {
      millis += Long.parseLong(part.group(1)) * unit(part.group(2));
      end = part.end();
    }
    return end == text.length() && end > 0 ? millis + "ms" : text;
  }

  private static long unit(String unit) {
    return switch (unit) {
      case "ms" -> 1;
      case "s" -> 1_000;
      case "m" -> 60_000;
      case "h" -> 3_600_000;
      default -> 86_400_000;
    };
  }

  /** What Kubernetes gives, without what is needed to end before it kills. */
  static String grace(String text) {
    long seconds = Long.parseLong(text.strip());
    return Math.max(seconds > 10 ? seconds - 5 : seconds - 1, 1) + "s";
  }

  /** A number, 0 for all processors it may use, or per cent of them. */
  static Optional<String> workers(Map<String, String> environment) {
    return Optional.ofNullable(environment.get("ZTUNNEL_WORKER_THREADS"))
        .map(String::strip)
        .filter(text -> !text.isEmpty())
        .map(text -> text.equals("0") ? "100%" : text)
        .map(text -> text.endsWith("%") ? share(text, processors(environment)) : text);
  }

  private static String share(String text, int processors) {
    double percent = Double.parseDouble(text.substring(0, text.length() - 1));
    if (!(percent > 0 && percent <= 100)) {
      throw new IllegalArgumentException("'%s' is not above 0 and up to 100 %%".formatted(text));
    }
    return Integer.toString(Math.max(1, (int) Math.ceil(processors * percent / 100)));
  }

  private static int processors(Map<String, String> environment) {
    String limit = environment.getOrDefault("ZTUNNEL_CPU_LIMIT", "");
    return limit.isBlank()
        ? Runtime.getRuntime().availableProcessors()
        : Integer.parseInt(limit.strip());
  }

  /** Another policy than pqc is refused: who asks for one must not believe that it is in force. */
  static String compliance(String text) {
    return text.equals("pqc") ? "required" : text;
  }

  /** One that is the token itself would be seen in every listing of the process. */
  static String file(String text) {
    if (!text.startsWith("/") && !text.startsWith("./")) {
      throw new InvalidSettingException(
          "AUTH_TOKEN", "is not the path of a file; write the token into one and name it here");
    }
    return text;
  }

  /** Who runs in pods by a CNI of Istio's kind meets its rules there. */
  static String redirect(String text) {
    return text.equalsIgnoreCase("true") ? "netfilter" : "ebpf";
  }

  /** Said only when there is to be none; else the other variables count. */
  static Optional<String> noKeepalive(Map<String, String> environment) {
    return Optional.ofNullable(environment.get("KEEPALIVE_ENABLED"))
        .filter(text -> text.equalsIgnoreCase("false"))
        .map(text -> "0s");
  }

  static String flag(String text) {
    return Boolean.toString(text.equalsIgnoreCase("true"));
  }

  static String logFormat(String text) {
    return text.equalsIgnoreCase("json") ? "json" : "text";
  }

  /**
   * {@code info,access=debug}: targets are modules of another program; the level is what counts.
   */
  static String logLevel(String text) {
    return Arrays.stream(text.split(","))
        .map(directive -> directive.strip().toLowerCase(Locale.ROOT))
        .filter(directive -> !directive.contains("="))
        .findFirst()
        .map(level -> level.equals("off") ? "error" : level)
        .filter(LEVELS::contains)
        .orElse("info");
  }
}
