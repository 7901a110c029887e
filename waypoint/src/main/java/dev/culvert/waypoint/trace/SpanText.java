// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import dev.culvert.waypoint.exchange.Hop;
import dev.culvert.ztunnel.telemetry.KnownFields;
import dev.culvert.ztunnel.telemetry.LogEntry;

/**
 * Spans as OTLP has them, with the names of the access log as attributes
 * (opentelemetry/proto/trace/v1/trace.proto): written as they end, since no object of a request
 * then has to be kept for another thread. Not thread-safe.
 */
final class SpanText implements LogEntry.Fields {
  /** Of a ScopeSpans. */
  private static final int SPANS = 2;

  /** Of a Span. */
  private static final int ATTRIBUTES = 9;

  private static final int SERVER = 2;

  /** A Status whose code, field 3, is an error's, which is 2. */
  private static final byte[] FAILED = {3 << 3, 2};

  private static final int SAMPLED = 0x1;
  private static final int KNOWS_PARENT = 0x100;
  private static final int PARENT_ELSEWHERE = 0x200;

  private final ProtoText out;
  private int whole;
  private int count;

  SpanText(int room) {
    out = new ProtoText(room);
  }

  /** How many there are. */
  int count() {
    return count;
  }

  /** How long they are. */
  int length() {
    return whole;
  }

  /** Appends them, one after another. */
  void writeTo(ProtoText other) {
    out.cut(whole);
    other.add(out);
  }

  void clear() {
    whole = 0;
    count = 0;
  }

  /** One that could not be told to its end is overwritten by the next. */
  void add(EndedHop ended) {
    out.cut(whole);
    int span = out.open(SPANS);
    Hop hop = ended.hop();
    out.id(1, hop.high(), hop.low());
    out.id(2, hop.span());
    if (hop.parent() != 0) {
      out.id(4, hop.parent());
    }
    out.text(5, ended.name());
    out.number(6, SERVER);
    out.fixed64(7, ended.begun());
    out.fixed64(8, ended.begun() + ended.nanos());
    ended.entry().writeTo(this);
    number("http.response.status_code", ended.status());
    if (ended.failed()) {
      out.bytes(15, FAILED);
    }
    out.fixed32(16, SAMPLED | KNOWS_PARENT | (hop.parent() == 0 ? 0 : PARENT_ELSEWHERE));
    out.close(span);
    whole = out.length();
    count++;
  }

  // === attributes: a KeyValue each, of a key and an AnyValue ===

  @Override
  public void text(String name, String value) {
    out.attribute(ATTRIBUTES, SpanKeys.of(name), value);
  }

  @Override
  public void known(KnownFields fields) {
    byte[] known = fields.attributes(SpanText::written);
    if (known == null) {
      fields.writeTo(this);
    } else {
      out.add(known);
    }
  }

  private static byte[] written(KnownFields fields) {
    SpanText own = new SpanText(256);
    fields.writeTo(own);
    return own.out.bytes();
  }

  @Override
  public void plain(String name, String value) {
    text(name, value);
  }

  @Override
  public void number(String name, long value) {
    out.attribute(ATTRIBUTES, SpanKeys.of(name), value);
  }
}
