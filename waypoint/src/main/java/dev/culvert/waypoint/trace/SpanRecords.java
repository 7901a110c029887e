// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import dev.culvert.ztunnel.telemetry.LogEntry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Makes OpenTelemetry's spans, with the names of the access log as attributes. One thread. */
final class SpanRecords {
  private static final int SERVER_ERROR = 500;

  private final List<SpanData> made = new ArrayList<>();
  private final GivenIds ids = new GivenIds();
  private final Tracer tracer;

  SpanRecords(Map<String, String> resource) {
    AttributesBuilder attributes = Attributes.builder();
    resource.forEach(attributes::put);
    this.tracer =
        SdkTracerProvider.builder()
            .setResource(Resource.create(attributes.build()))
            .setSampler(Sampler.alwaysOn())
            .setIdGenerator(ids)
            .addSpanProcessor(SimpleSpanProcessor.create(new Collecting()))
            .build()
            .get("culvert");
  }

  List<SpanData> of(List<EndedHop> hops) {
    hops.forEach(this::make);
    List<SpanData> spans = List.copyOf(made);
    made.clear();
    return spans;
  }

  private void make(EndedHop ended) {
    ids.hop = ended.hop();
    SpanBuilder builder =
        tracer
            .spanBuilder(ended.name())
            .setParent(parent(ended.hop()))
            .setSpanKind(SpanKind.SERVER)
            .setStartTimestamp(ended.begun());
    ended.entry().writeTo(new SpanFields(builder));
    var _ = builder.setAttribute("http.response.status_code", ended.status());
    Span span = builder.startSpan();
    if (ended.status() == 0 || ended.status() >= SERVER_ERROR) {
      var _ = span.setStatus(StatusCode.ERROR);
    }
    span.end(ended.ended());
  }

  private static Context parent(Hop hop) {
    return hop.parent().isEmpty()
        ? Context.root()
        : Context.root()
            .with(
                Span.wrap(
                    SpanContext.createFromRemoteParent(
                        hop.trace(),
                        hop.parent(),
                        TraceFlags.getSampled(),
                        TraceState.getDefault())));
  }

  /** The ids were made when the request came, and sent on with it. */
  private static final class GivenIds implements IdGenerator {
    private Hop hop;

    @Override
    public String generateSpanId() {
      return hop.span();
    }

    @Override
    public String generateTraceId() {
      return hop.trace();
    }
  }

  private final class Collecting implements SpanExporter {
    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      made.addAll(spans);
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  private record SpanFields(SpanBuilder builder) implements LogEntry.Fields {
    @Override
    public void text(String name, String value) {
      var _ = builder.setAttribute(name, value);
    }

    @Override
    public void plain(String name, String value) {
      var _ = builder.setAttribute(name, value);
    }

    @Override
    public void number(String name, long value) {
      var _ = builder.setAttribute(name, value);
    }
  }
}
