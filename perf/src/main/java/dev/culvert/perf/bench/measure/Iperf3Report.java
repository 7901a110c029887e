// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * What {@code iperf3 -J} told.
 *
 * @param bitsPerSecond what the server received, without the seconds that were left out
 * @param bytes what was moved in all, with them
 */
record Iperf3Report(double bitsPerSecond, long bytes) {

  /**
   * Reads it; JSON is YAML, but for keys that iperf3 writes twice.
   *
   * @throws IllegalArgumentException with iperf3's own words when it failed
   */
  static Iperf3Report parse(String json) {
    if (!(load(json) instanceof Map<?, ?> root)) {
      throw new IllegalArgumentException("iperf3 answered no JSON: " + json);
    }
    if (root.get("error") instanceof String error) {
      throw new IllegalArgumentException("iperf3: " + error);
    }
    Map<?, ?> received = map(map(root.get("end")).get("sum_received"));
    return new Iperf3Report(
        number(received.get("bits_per_second")).doubleValue(), bytes(list(root.get("intervals"))));
  }

  private static Object load(String json) {
    return new Load(LoadSettings.builder().setAllowDuplicateKeys(true).build())
        .loadFromString(json.replace('\t', ' '));
  }

  private static long bytes(List<?> intervals) {
    return intervals.stream()
        .mapToLong(interval -> number(map(map(interval).get("sum")).get("bytes")).longValue())
        .sum();
  }

  private static Map<?, ?> map(Object value) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new IllegalArgumentException("iperf3's JSON lacks an object: " + value);
  }

  private static List<?> list(Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    throw new IllegalArgumentException("iperf3's JSON lacks a list: " + value);
  }

  /** A large figure may be written as text such as 3.46e+10, which YAML does not read as one. */
  private static Number number(Object value) {
    if (value instanceof Number number) {
      return number;
    }
    if (value instanceof String text) {
      return Double.valueOf(text);
    }
    throw new IllegalArgumentException("iperf3's JSON lacks a number: " + value);
  }
}
