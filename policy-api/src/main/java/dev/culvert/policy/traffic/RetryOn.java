// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.traffic;

import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What is no answer, by the names that Envoy made known. */
public enum RetryOn {
  /** Any status from 500, and no answer at all. */
  SERVER_ERROR("5xx", true, -1),
  /** 502, 503 and 504, and no answer at all. */
  GATEWAY_ERROR("gateway-error", true, -1),
  /** No answer: the connection broke, the stream was reset, or the time was up. */
  RESET("reset", true, -1),
  /** No connection; repeated without being asked for, too. */
  CONNECT_FAILURE("connect-failure", false, -1),
  /** The endpoint did not begin with it; repeated without being asked for, too. */
  REFUSED_STREAM("refused-stream", false, -1),
  /** 409. */
  RETRIABLE_4XX("retriable-4xx", false, -1),
  /** A call that ended so before it answered anything. */
  CANCELLED("cancelled", false, 1),
  /** The same. */
  DEADLINE_EXCEEDED("deadline-exceeded", false, 4),
  /** The same. */
  RESOURCE_EXHAUSTED("resource-exhausted", false, 8),
  /** The same. */
  INTERNAL("internal", false, 13),
  /** The same. */
  UNAVAILABLE("unavailable", false, 14);

  private final String word;
  private final boolean anyFailure;
  private final int grpcCode;

  RetryOn(String word, boolean anyFailure, int grpcCode) {
    this.word = word;
    this.anyFailure = anyFailure;
    this.grpcCode = grpcCode;
  }

  /** By their words. */
  public static Map<String, RetryOn> words() {
    return Arrays.stream(values()).collect(Collectors.toMap(one -> one.word, Function.identity()));
  }

  /** As resources write it. */
  public String word() {
    return word;
  }

  /** Whether it takes what may have been done already. */
  public boolean isAnyFailure() {
    return anyFailure;
  }

  /** Whether a status of HTTP is meant. */
  public boolean takes(int status) {
    return switch (this) {
      case SERVER_ERROR -> status >= 500;
      case GATEWAY_ERROR -> status >= 502 && status <= 504;
      case RETRIABLE_4XX -> status == 409;
      default -> false;
    };
  }

  /** The code of gRPC that is meant; empty for none. */
  public OptionalInt grpcCode() {
    return grpcCode == -1 ? OptionalInt.empty() : OptionalInt.of(grpcCode);
  }
}
