// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets a call in only with a token of somebody who may, before any of its messages is read. */
public final class CallerAuthentication implements ServerInterceptor {
  private static final Logger AUDIT = LoggerFactory.getLogger("dev.culvert.audit");
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final String SCHEME = "Bearer ";
  private static final Context.Key<Caller> CALLER = Context.key("culvert-caller");

  private final Callers callers;
  private final Counter refused;

  /**
   * @param registry where those are counted that are not let in
   */
  public CallerAuthentication(Callers callers, MeterRegistry registry) {
    this.callers = callers;
    this.refused = registry.counter("citadel_server_authentication_failure_count");
  }

  /** Who makes the current call. */
  public static Caller caller() {
    return CALLER.get();
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    try {
      Caller caller = callers.caller(token(headers));
      return Contexts.interceptCall(
          Context.current().withValue(CALLER, caller), call, headers, next);
    } catch (RefusedCallerException e) {
      refuse(call, e);
      return new ServerCall.Listener<>() {};
    }
  }

  private static String token(Metadata headers) throws RefusedCallerException {
    String value = headers.get(AUTHORIZATION);
    if (value == null || !value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw RefusedCallerException.unauthenticated("no bearer token");
    }
    return value.substring(SCHEME.length()).strip();
  }

  private void refuse(ServerCall<?, ?> call, RefusedCallerException why) {
    refused.increment();
    AUDIT.warn(
        "call refused: method={} peer={} reason=\"{}\"",
        call.getMethodDescriptor().getFullMethodName(),
        call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR),
        why.getMessage());
    call.close(why.status(), new Metadata());
  }
}
