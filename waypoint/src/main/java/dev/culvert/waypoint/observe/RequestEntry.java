// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.ztunnel.telemetry.KnownFields;
import dev.culvert.ztunnel.telemetry.LogEntry;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the access log says of one request: strings and numbers only, as another thread writes it.
 *
 * @param grpc the status of a call; negative when it is none, or has not ended
 * @param millis from its head to the end of its response
 */
record RequestEntry(
    ClientConnection connection,
    String protocol,
    String method,
    @Nullable String authority,
    String path,
    int status,
    int grpc,
    ResponseFlag flag,
    String details,
    String policy,
    String notes,
    @Nullable RoutePlan plan,
    @Nullable Destination destination,
    @Nullable Target target,
    @Nullable InetSocketAddress sentFrom,
    String unconnected,
    int attempts,
    long received,
    long sent,
    long millis,
    @Nullable String agent,
    @Nullable String requestId,
    @Nullable String trace)
    implements LogEntry {

  private static final AsciiString REQUEST_ID = AsciiString.cached("x-request-id");
  private static final AsciiString TRACE = AsciiString.cached("traceparent");
  private static final int NO_CALL = -1;
  private static final int SERVER_ERROR = 500;

  static RequestEntry of(Exchange exchange) {
    String grpc = GrpcStatus.of(exchange);
    HttpHeaders headers = exchange.head().headers();
    return new RequestEntry(
        exchange.connection(),
        exchange.account().protocol(),
        exchange.account().method(),
        headers.get(HttpHeaderNames.HOST),
        exchange.account().uri(),
        exchange.account().status(),
        grpc.isEmpty() ? NO_CALL : Integer.parseInt(grpc),
        exchange.account().flag(),
        exchange.account().details(),
        exchange.account().policy(),
        exchange.account().notes(),
        exchange.findings().plan(),
        exchange.account().destination(),
        exchange.account().target(),
        exchange.account().sentFrom(),
        exchange.account().unconnected(),
        exchange.account().attempts(),
        exchange.account().requestBytes(),
        exchange.account().responseBytes(),
        TimeUnit.NANOSECONDS.toMillis(exchange.account().nanos()),
        headers.get(HttpHeaderNames.USER_AGENT),
        headers.get(REQUEST_ID),
        headers.get(TRACE));
  }

  /** One that could not be read. */
  static RequestEntry rejected(ClientConnection connection, int status, String problem) {
    return new RequestEntry(
        connection,
        "",
        "",
        null,
        "",
        status,
        NO_CALL,
        ResponseFlag.CLIENT_PROTOCOL,
        problem,
        "",
        "",
        null,
        null,
        null,
        null,
        "",
        0,
        0,
        0,
        0,
        null,
        null,
        null);
  }

  /** Why its client's connection ended before its time; null when it did not. */
  @Nullable String termination() {
    return switch (flag) {
      case CLIENT_CLOSED, CLIENT_PROTOCOL -> details;
      default -> null;
    };
  }

  /** Whether it is the server's fault, as OpenTelemetry sees it (semantic conventions, RPC). */
  boolean isFailed() {
    boolean failedCall =
        switch (grpc) {
          case 2, 4, 12, 13, 14, 15 -> true;
          default -> false;
        };
    return failedCall || status == 0 || status >= SERVER_ERROR;
  }

  /** As its span is called. */
  String span() {
    return method + " " + (plan == null ? "to nobody" : plan.name());
  }

  @Override
  public String message() {
    return flag == ResponseFlag.NONE ? "request complete" : "request failed";
  }

  @Override
  public void writeTo(Fields fields) {
    fields.known(connection.fields());
    fields.text("protocol", protocol);
    fields.text("method", method);
    text(fields, "authority", authority);
    fields.text("path", path);
    fields.number("status", status);
    if (grpc != NO_CALL) {
      fields.number("grpc_status", grpc);
    }
    known(fields, plan == null ? null : plan.fields());
    known(fields, destination == null ? null : destination.fields());
    if (target != null) {
      fields.known(target.fields());
      fields.number("attempts", attempts);
    }
    fields.number("bytes_recv", received);
    fields.number("bytes_sent", sent);
    fields.text("duration", millis + "ms");
    text(fields, "policy", policy.isEmpty() ? null : policy);
    text(fields, "dry_run", notes.isEmpty() ? null : notes);
    text(fields, "user_agent", agent);
    text(fields, "request_id", requestId);
    text(fields, "traceparent", trace);
    if (flag != ResponseFlag.NONE) {
      fields.text("response_flags", flag.label());
    }
    text(fields, "error", details.isEmpty() ? null : details);
  }

  private static void known(Fields fields, @Nullable KnownFields part) {
    if (part != null) {
      fields.known(part);
    }
  }

  private static void text(Fields fields, String name, @Nullable String value) {
    if (value != null) {
      fields.text(name, value);
    }
  }
}
