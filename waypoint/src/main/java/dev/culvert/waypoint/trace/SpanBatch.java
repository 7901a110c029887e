// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import java.util.Map;

/**
 * An ExportTraceServiceRequest (opentelemetry/proto/collector/trace/v1): spans of this proxy and of
 * one scope. Not thread-safe.
 */
final class SpanBatch {
  private static final int MOST = 512;

  /** Many servers take no body above a megabyte unless they are told to. */
  private static final int MOST_BYTES = 1000 * 1024;

  private static final int ROOM = 64 * 1024;

  /** A field of a request. */
  private static final int RESOURCE_SPANS = 1;

  /** Fields of that. */
  private static final int RESOURCE = 1;

  private static final int SCOPE_SPANS = 2;

  /** Beside spans, in that. */
  private static final int SCOPE = 1;

  private final ProtoText begin = new ProtoText(256);
  private final ProtoText out = new ProtoText(ROOM);
  private int count;
  private int resourceSpans;
  private int scopeSpans;

  /**
   * @param resource what the collector is told of this proxy
   */
  SpanBatch(Map<String, String> resource) {
    int opened = begin.open(RESOURCE);
    resource.forEach((name, value) -> attribute(begin, name, value));
    begin.close(opened);
  }

  /** A KeyValue of a Resource, whose value is an AnyValue. */
  private static void attribute(ProtoText to, String name, String value) {
    int opened = to.open(1);
    to.text(1, name);
    int any = to.open(2);
    to.text(1, value);
    to.close(any);
    to.close(opened);
  }

  int count() {
    return count;
  }

  /** Whether these can go with what is there. */
  boolean hasRoomFor(SpanText more) {
    return count == 0
        || (count + more.count() <= MOST && out.length() + more.length() <= MOST_BYTES);
  }

  void add(SpanText more) {
    if (count == 0) {
      begin();
    }
    more.writeTo(out);
    count += more.count();
  }

  private void begin() {
    out.cut(0);
    resourceSpans = out.open(RESOURCE_SPANS);
    out.add(begin);
    scopeSpans = out.open(SCOPE_SPANS);
    int scope = out.open(SCOPE);
    out.text(1, "culvert");
    out.close(scope);
  }

  /** Has them taken, and begins anew; returns whether they were. */
  boolean post(Collector to) throws InterruptedException {
    count = 0;
    out.close(scopeSpans);
    out.close(resourceSpans);
    return to.post(out.array(), out.length());
  }
}
