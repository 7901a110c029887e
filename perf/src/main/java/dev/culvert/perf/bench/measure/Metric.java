// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import java.util.Locale;

/** Everything that is measured, in the order of the report. */
public enum Metric {
  BULK_1("Bulk, 1 stream", Group.BULK, Unit.GBITS),
  BULK_8("Bulk, 8 streams", Group.BULK, Unit.GBITS),
  BULK_64("Bulk, 64 streams", Group.BULK, Unit.GBITS),
  CPU_PER_GB_1("CPU per GB, 1 stream", Group.CPU_BULK, Unit.CPU_SECONDS),
  CPU_PER_GB_8("CPU per GB, 8 streams", Group.CPU_BULK, Unit.CPU_SECONDS),
  CPU_PER_GB_64("CPU per GB, 64 streams", Group.CPU_BULK, Unit.CPU_SECONDS),
  RTT_64B_P50("64 B, p50", Group.ROUND_TRIP, Unit.MICROS),
  RTT_64B_P99("64 B, p99", Group.ROUND_TRIP, Unit.MICROS),
  RTT_64B_P999("64 B, p99.9", Group.ROUND_TRIP, Unit.MICROS),
  RTT_1K_P50("1 KiB, p50", Group.ROUND_TRIP, Unit.MICROS),
  RTT_1K_P99("1 KiB, p99", Group.ROUND_TRIP, Unit.MICROS),
  RTT_1K_P999("1 KiB, p99.9", Group.ROUND_TRIP, Unit.MICROS),
  RTT64_64B_P50("64 B, p50", Group.ROUND_TRIP_64, Unit.MICROS),
  RTT64_64B_P99("64 B, p99", Group.ROUND_TRIP_64, Unit.MICROS),
  RTT64_64B_P999("64 B, p99.9", Group.ROUND_TRIP_64, Unit.MICROS),
  RTT64_1K_P50("1 KiB, p50", Group.ROUND_TRIP_64, Unit.MICROS),
  RTT64_1K_P99("1 KiB, p99", Group.ROUND_TRIP_64, Unit.MICROS),
  RTT64_1K_P999("1 KiB, p99.9", Group.ROUND_TRIP_64, Unit.MICROS),
  CONNECTIONS("New connections", Group.RATE, Unit.PER_SECOND),
  REQUESTS("Requests on 64 kept connections, 64 B", Group.RATE, Unit.PER_SECOND),
  REQUESTS_1K("Requests on 64 kept connections, 1 KiB", Group.RATE, Unit.PER_SECOND),
  DOOR_H1("HTTP/1.1", Group.DOOR, Unit.PER_SECOND),
  DOOR_H2C("HTTP/2 without TLS", Group.DOOR, Unit.PER_SECOND),
  DOOR_H1_MTLS("HTTP/1.1, mutual TLS", Group.DOOR, Unit.PER_SECOND),
  DOOR_H2_MTLS("HTTP/2, mutual TLS", Group.DOOR, Unit.PER_SECOND),
  CPU_PER_H1("HTTP/1.1", Group.CPU_DOOR, Unit.CPU_SECONDS),
  CPU_PER_H2C("HTTP/2 without TLS", Group.CPU_DOOR, Unit.CPU_SECONDS),
  CPU_PER_H1_MTLS("HTTP/1.1, mutual TLS", Group.CPU_DOOR, Unit.CPU_SECONDS),
  CPU_PER_H2_MTLS("HTTP/2, mutual TLS", Group.CPU_DOOR, Unit.CPU_SECONDS),
  DOOR_H1_P50("HTTP/1.1, p50", Group.DOOR_LATENCY, Unit.MICROS),
  DOOR_H1_P99("HTTP/1.1, p99", Group.DOOR_LATENCY, Unit.MICROS),
  DOOR_H2C_P50("HTTP/2 without TLS, p50", Group.DOOR_LATENCY, Unit.MICROS),
  DOOR_H2C_P99("HTTP/2 without TLS, p99", Group.DOOR_LATENCY, Unit.MICROS),
  DOOR_H1_MTLS_P50("HTTP/1.1, mutual TLS, p50", Group.DOOR_LATENCY, Unit.MICROS),
  DOOR_H1_MTLS_P99("HTTP/1.1, mutual TLS, p99", Group.DOOR_LATENCY, Unit.MICROS),
  DOOR_H2_MTLS_P50("HTTP/2, mutual TLS, p50", Group.DOOR_LATENCY, Unit.MICROS),
  DOOR_H2_MTLS_P99("HTTP/2, mutual TLS, p99", Group.DOOR_LATENCY, Unit.MICROS),
  COST_AUTHORIZATION("Authorization, deny and allow", Group.COST, Unit.PERCENT),
  COST_TOKEN("Token (JWT)", Group.COST, Unit.PERCENT),
  COST_RATE_LIMIT("Rate limit", Group.COST, Unit.PERCENT),
  COST_HEADERS("Header changes", Group.COST, Unit.PERCENT),
  COST_REWRITE("Host and path rewrite", Group.COST, Unit.PERCENT),
  COST_MATCHES("Matches by method, header, query", Group.COST, Unit.PERCENT),
  COST_TIMEOUTS("Time-outs", Group.COST, Unit.PERCENT),
  COST_RESILIENCE("Retries, breaker, outliers, balancer", Group.COST, Unit.PERCENT),
  COST_TRACING("A span of each request", Group.COST, Unit.PERCENT),
  COST_ROUTES("10,000 routes instead of ten", Group.COST, Unit.PERCENT),
  CPU_PER_CONNECTION("CPU per 1,000 new connections", Group.CPU_SMALL, Unit.CPU_SECONDS),
  CPU_PER_ROUND_TRIP("CPU per 1,000 round trips of 64 B", Group.CPU_SMALL, Unit.CPU_SECONDS),
  CPU_PER_REQUEST("CPU per 1,000 requests of 64 B", Group.CPU_SMALL, Unit.CPU_SECONDS),
  RSS_IDLE("Idle, after the start", Group.MEMORY, Unit.MIB),
  RSS_1000("1,000 open connections", Group.MEMORY, Unit.MIB),
  RSS_10000("10,000 open connections", Group.MEMORY, Unit.MIB),
  RSS_PER_CONNECTION("Growth per open connection", Group.MEMORY_EACH, Unit.KIB),
  START_UP("Start to taking connections", Group.TIME, Unit.MILLIS),
  ENROLMENT("Enrolment to first proxied byte", Group.TIME, Unit.MILLIS);

  private final String title;
  private final Group group;
  private final Unit unit;

  Metric(String title, Group group, Unit unit) {
    this.title = title;
    this.group = group;
    this.unit = unit;
  }

  /** Within its group. */
  public String title() {
    return title;
  }

  public Group group() {
    return group;
  }

  public Unit unit() {
    return unit;
  }

  /** In files: {@code bulk-1}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Metrics that share a scale, and what they mean. */
  public enum Group {
    BULK("Bulk throughput", "iperf3, one direction; what the server received", true),
    CPU_BULK(
        "CPU of bulk", "processor time of both proxies together for each GB (10^9 bytes)", false),
    ROUND_TRIP(
        "Round trip, 1 connection", "sockperf ping-pong, full round trip of one message", false),
    ROUND_TRIP_64(
        "Round trip, 64 connections at once",
        "wrk, small request, response of 64 B or 1 KiB; each connection always has one under way",
        false),
    RATE("Connections and requests", "wrk with 64 connections at once against nginx", true),
    DOOR("Requests", "64 at once, response of 64 B; the door has a core for itself", true),
    CPU_DOOR("CPU of requests", "processor time of the door for 1,000 requests", false),
    DOOR_LATENCY(
        "Time of a request",
        "6,400 requests a second, from when each was to be sent to its answer",
        false),
    COST(
        "What a policy costs",
        "the door's processor time for a request over HTTP/1.1 with it, of that without; both take turns in one process",
        false),
    CPU_SMALL("CPU of small work", "processor time of both proxies together", false),
    MEMORY("Memory", "resident set of the end that has most", false),
    MEMORY_EACH("Memory of a connection", "idle connections, the end that grows most", false),
    TIME("Readiness", "start: both ends at once, each on its own core", false);

    private final String title;
    private final String how;
    private final boolean more;

    Group(String title, String how, boolean more) {
      this.title = title;
      this.how = how;
      this.more = more;
    }

    public String title() {
      return title;
    }

    /** How it was measured, for the reader. */
    public String how() {
      return how;
    }

    /** Whether a higher figure is the better one. */
    public boolean moreIsBetter() {
      return more;
    }
  }

  /** What a figure counts. */
  public enum Unit {
    GBITS("Gbit/s"),
    CPU_SECONDS("CPU s"),
    MICROS("µs"),
    PERCENT("%"),
    PER_SECOND("/s"),
    MIB("MiB"),
    KIB("KiB"),
    MILLIS("ms");

    private final String text;

    Unit(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }
}
