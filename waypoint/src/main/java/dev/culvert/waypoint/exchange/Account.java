// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Target;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What is told of an exchange when it is over: by metrics, by the access log, by its span. On its
 * event loop.
 */
public final class Account {
  private final long begun = System.nanoTime();
  private final String method;
  private final String uri;
  private final String protocol;
  private final boolean call;
  private final @Nullable CountedMessages requestMessages;

  private String policy = "";
  private String notes = "";
  private @Nullable Destination destination;
  private @Nullable Target target;
  private @Nullable InetSocketAddress sentFrom;
  private String unconnected = "";
  private int attempts;
  private long requestBytes;

  private int status;
  private @Nullable HttpHeaders responseHeaders;
  private long responseBytes;
  private @Nullable CountedMessages responseMessages;
  private @Nullable HttpHeaders trailers;
  private ResponseFlag flag = ResponseFlag.NONE;
  private String details = "";
  private long ended;

  Account(HttpRequest head) {
    this.method = head.method().name();
    this.uri = head.uri();
    this.protocol = head.protocolVersion().text();
    this.call = GrpcAnswer.isCall(head.headers());
    this.requestMessages = call ? new CountedMessages() : null;
  }

  // === what comes to be known ===

  /** The policy that decided, as the log names it. */
  public void decidedBy(String named) {
    policy = named;
  }

  /** A policy that decides nothing has something to say, for the log. */
  public void noted(String note) {
    notes = notes.isEmpty() ? note : notes + ", " + note;
  }

  /** An attempt began. */
  public void attempted(Destination to, Target at) {
    attempts++;
    destination = to;
    target = at;
    sentFrom = null;
    unconnected = "";
  }

  /**
   * The attempt has a connection.
   *
   * @param own its end here; null where there is none with an address
   */
  public void connected(@Nullable InetSocketAddress own) {
    sentFrom = own;
  }

  /** The attempt has none, and why. */
  public void unconnected(String problem) {
    unconnected = problem;
  }

  void received(ByteBuf data) {
    requestBytes += data.readableBytes();
    if (requestMessages != null) {
      requestMessages.add(data);
    }
  }

  void answered(int code, HttpHeaders headers) {
    status = code;
    responseHeaders = headers;
    if (call && GrpcAnswer.isCall(headers)) {
      responseMessages = new CountedMessages();
    }
  }

  void sent(ByteBuf data) {
    responseBytes += data.readableBytes();
    if (responseMessages != null) {
      responseMessages.add(data);
    }
  }

  /** Nothing more is told of it. */
  void over() {
    ended = System.nanoTime();
  }

  void ended(HttpHeaders last) {
    trailers = last;
  }

  /** It is not, or not whole, what a backend said. */
  void because(ResponseFlag of, String problem) {
    flag = of;
    details = problem;
  }

  // === the request ===

  /** As the client asked, whatever phases made of it. */
  public String method() {
    return method;
  }

  /** Path and query as the client asked, in normal form. */
  public String uri() {
    return uri;
  }

  /** The client's version of HTTP. */
  public String protocol() {
    return protocol;
  }

  /** Whether the client called by gRPC. */
  public boolean isCall() {
    return call;
  }

  /** Bytes of the request's body. */
  public long requestBytes() {
    return requestBytes;
  }

  /** Messages of a call that its client began; 0 of what is none. */
  public long requestMessages() {
    return requestMessages == null ? 0 : requestMessages.count();
  }

  /** The policy that decided; empty for none. */
  public String policy() {
    return policy;
  }

  /** What policies that decide nothing said; empty for nothing. */
  public String notes() {
    return notes;
  }

  /** Where it was sent last; null when it was not. */
  public @Nullable Destination destination() {
    return destination;
  }

  /** The endpoint it was sent to last; null when it was not. */
  public @Nullable Target target() {
    return target;
  }

  /** Where from; null when it got to no connection. */
  public @Nullable InetSocketAddress sentFrom() {
    return sentFrom;
  }

  /** Why its last attempt got to no connection; empty when it did. */
  public String unconnected() {
    return unconnected;
  }

  /** How often it was sent. */
  public int attempts() {
    return attempts;
  }

  // === the response ===

  /** The status sent; 0 when none was. */
  public int status() {
    return status;
  }

  /** The header fields of the response; null when there was none. */
  public @Nullable HttpHeaders responseHeaders() {
    return responseHeaders;
  }

  /** Bytes of the response's body. */
  public long responseBytes() {
    return responseBytes;
  }

  /** Messages of a call that its backend began; 0 of what is none. */
  public long responseMessages() {
    return responseMessages == null ? 0 : responseMessages.count();
  }

  /** The trailers sent; null when it did not end. */
  public @Nullable HttpHeaders trailers() {
    return trailers;
  }

  /** Why the response is not a backend's own. */
  public ResponseFlag flag() {
    return flag;
  }

  /** More of it, for the log; empty for none. */
  public String details() {
    return details;
  }

  /** Nanoseconds from its head to its end. */
  public long nanos() {
    return ended - begun;
  }
}
