// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import static dev.culvert.policy.settings.Setting.choice;
import static dev.culvert.policy.settings.Setting.integer;

import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * How requests are traced.
 *
 * @param endpoint a collector, with its path; empty for none
 * @param percent of the traces that begin here are sampled, 0 to 100
 * @param format in which a trace is told, beside that which the client used
 * @param queue spans that may wait for the collector
 */
public record TraceSettings(Optional<URI> endpoint, double percent, Format format, int queue) {

  /** How a trace is told in header fields. */
  public enum Format {
    /** W3C's Trace Context. */
    W3C,
    /** Zipkin's. */
    B3,
    BOTH
  }

  /** Nothing is collected. */
  public static final TraceSettings NONE = new TraceSettings(Optional.empty(), 0, Format.W3C, 1);

  private static final Setting<Optional<URI>> ENDPOINT =
      new Setting<>(
              "trace-endpoint",
              "http://HOST:4318/v1/traces",
              Optional.<String>empty(),
              false,
              "A collector that gets a span of each sampled request, as OTLP over HTTP; off unless given.",
              TraceSettings::collector)
          .optional();
  private static final Setting<Double> SAMPLING =
      new Setting<>(
          "trace-sampling",
          "percent",
          Optional.of("1"),
          false,
          "How many of the traces that begin here are sampled; clients decide of theirs.",
          TraceSettings::sampling);
  private static final Setting<Format> FORMAT =
      choice(
          "trace-format",
          Format.W3C,
          "The header fields in which a trace is told, beside those which the client used.");
  private static final Setting<Integer> QUEUE =
      integer(
          "trace-queue",
          10_000,
          1,
          1_000_000,
          "Spans that may wait for the collector; those beyond are dropped and counted.");

  /** Those settings, in the order in which help shows them. */
  public static final List<Setting<?>> ALL = List.of(ENDPOINT, SAMPLING, FORMAT, QUEUE);

  /** What was set. */
  public static TraceSettings from(Settings settings) {
    return new TraceSettings(
        settings.get(ENDPOINT), settings.get(SAMPLING), settings.get(FORMAT), settings.get(QUEUE));
  }

  private static double sampling(String text) {
    double percent;
    try {
      percent = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("write a number from 0 to 100, as 0.1", e);
    }
    if (!(percent >= 0 && percent <= 100)) {
      throw new IllegalArgumentException("write a number from 0 to 100, as 0.1");
    }
    return percent;
  }

  private static URI collector(String text) {
    URI uri = URI.create(text);
    if (uri.getHost() == null || !List.of("http", "https").contains(uri.getScheme())) {
      throw new IllegalArgumentException("write its scheme, host, port and path");
    }
    return uri;
  }
}
