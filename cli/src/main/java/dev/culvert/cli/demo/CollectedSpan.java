// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A span as a collector gets it, read by the numbers of the fields of
 * opentelemetry/proto/collector/trace/v1.
 *
 * @param trace 32 hex digits
 * @param span 16 hex digits
 * @param parent 16 hex digits, or empty when it is the first
 * @param attributes texts and whole numbers
 */
record CollectedSpan(
    String trace,
    String span,
    String parent,
    String name,
    Duration duration,
    Map<String, String> attributes) {

  /** Those of one ExportTraceServiceRequest: of each resource, of each scope. */
  static List<CollectedSpan> readAll(InputStream body) throws IOException {
    List<CollectedSpan> spans = new ArrayList<>();
    for (UnknownFieldSet resource : messages(UnknownFieldSet.parseFrom(body), 1)) {
      for (UnknownFieldSet scope : messages(resource, 2)) {
        for (UnknownFieldSet span : messages(scope, 2)) {
          spans.add(read(span));
        }
      }
    }
    return spans;
  }

  private static CollectedSpan read(UnknownFieldSet span) throws InvalidProtocolBufferException {
    long nanos = fixed(span, 8) - fixed(span, 7);
    return new CollectedSpan(
        hex(span, 1),
        hex(span, 2),
        hex(span, 4),
        bytes(span, 5).toStringUtf8(),
        Duration.ofNanos(nanos),
        attributes(span));
  }

  String attribute(String name) {
    return attributes.getOrDefault(name, "-");
  }

  private static Map<String, String> attributes(UnknownFieldSet span)
      throws InvalidProtocolBufferException {
    Map<String, String> attributes = new HashMap<>();
    for (UnknownFieldSet pair : messages(span, 9)) {
      UnknownFieldSet value = messages(pair, 2).getFirst();
      attributes.put(
          bytes(pair, 1).toStringUtf8(),
          value.hasField(1)
              ? bytes(value, 1).toStringUtf8()
              : value.getField(3).getVarintList().getFirst().toString());
    }
    return attributes;
  }

  private static String hex(UnknownFieldSet of, int field) {
    return HexFormat.of().formatHex(bytes(of, field).toByteArray());
  }

  private static long fixed(UnknownFieldSet of, int field) {
    return of.getField(field).getFixed64List().getFirst();
  }

  private static ByteString bytes(UnknownFieldSet of, int field) {
    List<ByteString> values = of.getField(field).getLengthDelimitedList();
    return values.isEmpty() ? ByteString.EMPTY : values.getFirst();
  }

  private static List<UnknownFieldSet> messages(UnknownFieldSet of, int field)
      throws InvalidProtocolBufferException {
    List<UnknownFieldSet> messages = new ArrayList<>();
    for (ByteString bytes : of.getField(field).getLengthDelimitedList()) {
      messages.add(UnknownFieldSet.parseFrom(bytes));
    }
    return messages;
  }
}
