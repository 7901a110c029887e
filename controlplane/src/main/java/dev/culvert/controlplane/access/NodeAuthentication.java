// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets a call in only with the token of a node, before any of its messages is read. */
public final class NodeAuthentication implements ServerInterceptor {
  private static final Logger AUDIT = LoggerFactory.getLogger("dev.culvert.audit");
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final String SCHEME = "Bearer ";
  private static final Context.Key<String> NODE = Context.key("culvert-node");

  private final NodeTokens tokens;

  public NodeAuthentication(NodeTokens tokens) {
    this.tokens = tokens;
  }

  /** The node that makes the current call. */
  public static String caller() {
    return NODE.get();
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    Optional<String> token = token(headers);
    Optional<String> node = token.flatMap(tokens::node);
    if (node.isPresent()) {
      return Contexts.interceptCall(
          Context.current().withValue(NODE, node.get()), call, headers, next);
    }
    refuse(call, token.isPresent() ? "the bearer token is of no node" : "no bearer token");
    return new ServerCall.Listener<>() {};
  }

  private static Optional<String> token(Metadata headers) {
    return Optional.ofNullable(headers.get(AUTHORIZATION))
        .filter(value -> value.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
        .map(value -> value.substring(SCHEME.length()).strip());
  }

  private static void refuse(ServerCall<?, ?> call, String problem) {
    AUDIT.warn(
        "call refused: method={} peer={} reason=\"{}\"",
        call.getMethodDescriptor().getFullMethodName(),
        call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR),
        problem);
    call.close(
        Status.UNAUTHENTICATED.withDescription(
            problem + "; present nodes/NODE.token of the control plane's state folder"),
        new Metadata());
  }
}
