// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.logs.LogRecordBuilder;
import io.opentelemetry.api.logs.Logger;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.resources.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.event.Level;

/** Makes OpenTelemetry's log records of lines, with the names of the access log. One thread. */
final class ExportedLines {
  private final List<LogRecordData> made = new ArrayList<>();
  private final Logger logger;

  ExportedLines(Map<String, String> resource) {
    AttributesBuilder attributes = Attributes.builder();
    resource.forEach(attributes::put);
    this.logger =
        SdkLoggerProvider.builder()
            .setResource(Resource.create(attributes.build()))
            .addLogRecordProcessor((context, record) -> made.add(record.toLogRecordData()))
            .build()
            .get("access");
  }

  List<LogRecordData> of(List<ExportedLine> lines) {
    made.clear();
    lines.forEach(this::emit);
    return List.copyOf(made);
  }

  private void emit(ExportedLine line) {
    LogRecordBuilder record =
        logger
            .logRecordBuilder()
            .setTimestamp(line.time())
            .setObservedTimestamp(line.time())
            .setSeverity(severity(line.level()))
            .setSeverityText(line.level().name())
            .setBody(line.entry().message());
    line.entry().writeTo(new RecordFields(record));
    record.emit();
  }

  private static Severity severity(Level level) {
    return switch (level) {
      case ERROR -> Severity.ERROR;
      case WARN -> Severity.WARN;
      case INFO -> Severity.INFO;
      case DEBUG -> Severity.DEBUG;
      case TRACE -> Severity.TRACE;
    };
  }

  private record RecordFields(LogRecordBuilder builder) implements LogEntry.Fields {
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
