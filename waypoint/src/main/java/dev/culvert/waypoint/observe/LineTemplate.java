// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import dev.culvert.policy.settings.Setting;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.Hop;
import dev.culvert.ztunnel.json.JsonText;
import dev.culvert.ztunnel.telemetry.LogEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jose4j.json.JsonUtil;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * A layout of the access log's lines for requests, with the operators of Envoy's: text, or the
 * members of a JSON object. It is read once; each request only fills it in. Any thread.
 */
public final class LineTemplate {
  /** The setting that gives one; without it lines are as they always were. */
  public static final Setting<Optional<LineTemplate>> SETTING =
      new Setting<>(
              "access-log-format",
              "text or a JSON object with %OPERATORS%",
              Optional.<String>empty(),
              false,
              "How a request's line of the access log is laid out, by Envoy's operators, instead of"
                  + " log-format's way; docs/telemetry.md has them all.",
              LineTemplate::parse)
          .optional();

  private final Layout layout;
  private final List<HeaderField> fields;

  private LineTemplate(Layout layout, List<HeaderField> fields) {
    this.layout = layout;
    this.fields = List.copyOf(fields);
  }

  /**
   * Reads text, or with a brace at its begin a JSON object of texts.
   *
   * @throws IllegalArgumentException naming what cannot be read and its place
   */
  public static LineTemplate parse(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("it is empty");
    }
    List<HeaderField> fields = new ArrayList<>();
    Layout layout =
        text.startsWith("{")
            ? json(text, fields)
            : new Layout.Text(new TemplateParser(text, false, fields).parse());
    return new LineTemplate(layout, fields);
  }

  private static Layout json(String text, List<HeaderField> fields) {
    Map<String, Object> members;
    try {
      members = JsonUtil.parseJson(text);
    } catch (JoseException e) {
      throw new IllegalArgumentException("it begins with '{' and is no JSON: " + e.getMessage(), e);
    }
    List<Layout.Member> made = new ArrayList<>();
    members.forEach((name, value) -> made.add(member(name, value, fields)));
    return new Layout.Json(List.copyOf(made));
  }

  private static Layout.Member member(String name, Object value, List<HeaderField> fields) {
    if (!(value instanceof String text)) {
      throw new IllegalArgumentException("member '%s' is no text".formatted(name));
    }
    try {
      List<Part> parts = new TemplateParser(text, true, fields).parse();
      return new Layout.Member(JsonText.quoted(name) + ":", new Layout.Text(parts));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("member '%s', %s".formatted(name, e.getMessage()), e);
    }
  }

  /** A request that is over. On its event loop. */
  LogEntry entry(RequestEntry request, Exchange exchange) {
    List<@Nullable String> values = new ArrayList<>(fields.size());
    for (int i = 0; i < fields.size(); i++) {
      values.add(fields.get(i).value(exchange));
    }
    Hop hop = exchange.findings().hop();
    return new TemplatedEntry(
        this,
        request,
        Instant.now().minusNanos(exchange.account().nanos()),
        values,
        hop == null ? "" : hop.traceText());
  }

  /** One that was never read whole: its fields are not known. */
  LogEntry entry(RequestEntry rejected) {
    List<@Nullable String> nothing = new ArrayList<>(fields.size());
    for (int i = 0; i < fields.size(); i++) {
      nothing.add(null);
    }
    return new TemplatedEntry(this, rejected, Instant.now(), nothing, "");
  }

  void append(TemplatedEntry line, StringBuilder out) {
    layout.append(line, out);
  }
}
