// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import dev.culvert.ztunnel.telemetry.LogEntry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes OpenTelemetry's spans, with the names of the access log as attributes. One thread. */
final class SpanRecords {
  private static final AttributeKey<Long> STATUS =
      AttributeKey.longKey("http.response.status_code");

  private final Map<String, AttributeKey<String>> texts = new HashMap<>();
  private final Map<String, AttributeKey<Long>> numbers = new HashMap<>();
  private final Resource resource;

  SpanRecords(Map<String, String> resource) {
    AttributesBuilder attributes = Attributes.builder();
    resource.forEach(attributes::put);
    this.resource = Resource.create(attributes.build());
  }

  List<SpanData> of(List<EndedHop> hops) {
    return hops.stream().map(this::of).toList();
  }

  private SpanData of(EndedHop ended) {
    AttributesBuilder attributes = Attributes.builder();
    ended.entry().writeTo(new SpanFields(attributes));
    return new HopSpan(ended, attributes.put(STATUS, (long) ended.status()).build(), resource);
  }

  /** Names are few and come again with each span: their keys, which hold them encoded, are kept. */
  private final class SpanFields implements LogEntry.Fields {
    private final AttributesBuilder attributes;

    SpanFields(AttributesBuilder attributes) {
      this.attributes = attributes;
    }

    @Override
    public void text(String name, String value) {
      var _ = attributes.put(texts.computeIfAbsent(name, AttributeKey::stringKey), value);
    }

    @Override
    public void plain(String name, String value) {
      text(name, value);
    }

    @Override
    public void number(String name, long value) {
      var _ = attributes.put(numbers.computeIfAbsent(name, AttributeKey::longKey), value);
    }
  }
}
