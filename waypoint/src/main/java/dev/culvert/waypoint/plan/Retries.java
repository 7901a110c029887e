// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import dev.culvert.policy.traffic.RetryOn;
import dev.culvert.policy.traffic.RetryPolicy;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * When a request is sent again (Gateway API, HTTPRouteRetry). Only a request of which no part of a
 * body was sent can be.
 *
 * @param attempts how often after the first time, 0 to 10
 * @param codes the statuses that are no answer
 * @param grpcCodes the same of calls that answered nothing else
 * @param backoff at least so long between two attempts, doubled with each
 * @param maxBackoff at most so long
 * @param anyFailure whether it is sent again although the endpoint may have acted on it
 * @param perTry how long an attempt may take, if the rule does not say; zero is any time
 * @param budget how many may be under way
 */
public record Retries(
    int attempts,
    Set<Integer> codes,
    Set<Integer> grpcCodes,
    Duration backoff,
    Duration maxBackoff,
    boolean anyFailure,
    Duration perTry,
    Budget budget) {
  private static final int MOST = 10;
  private static final int LAST_STATUS = 599;

  /**
   * How many repeated requests to a destination may be under way.
   *
   * @param percent of all requests to it
   * @param least so many in any case
   */
  public record Budget(int percent, int least) {
    /** As many as there are. */
    public static final Budget UNLIMITED = new Budget(100, Integer.MAX_VALUE);
  }

  /** Once more when the endpoint did nothing with it. */
  public static final Retries STANDARD = new Retries(1, Set.of(), Duration.ofMillis(25), false);

  /** Bounds the attempts and copies the codes. */
  public Retries {
    attempts = Math.clamp(attempts, 0, MOST);
    codes = Set.copyOf(codes);
    grpcCodes = Set.copyOf(grpcCodes);
  }

  /** As a rule of a route asks for them. */
  public Retries(int attempts, Set<Integer> codes, Duration backoff, boolean anyFailure) {
    this(
        attempts,
        codes,
        Set.of(),
        backoff,
        backoff.multipliedBy(64),
        anyFailure,
        Duration.ZERO,
        Budget.UNLIMITED);
  }

  /** As a policy asks for them. */
  public static Retries of(RetryPolicy policy) {
    Set<Integer> codes = new HashSet<>(policy.statuses());
    Set<Integer> grpcCodes = new HashSet<>();
    for (RetryOn on : policy.on()) {
      IntStream.rangeClosed(100, LAST_STATUS).filter(on::takes).forEach(codes::add);
      on.grpcCode().ifPresent(grpcCodes::add);
    }
    return new Retries(
        policy.attempts(),
        codes,
        grpcCodes,
        policy.backoff(),
        policy.maxBackoff(),
        policy.on().stream().anyMatch(RetryOn::isAnyFailure),
        policy.perTryTimeout().orElse(Duration.ZERO),
        new Budget(policy.budgetPercent(), policy.budgetMin()));
  }

  /** Whether the end of a call with this code is no answer. */
  public boolean refusesCall(String code) {
    return !grpcCodes.isEmpty()
        && code.length() <= 2
        && code.chars().allMatch(c -> c >= '0' && c <= '9')
        && !code.isEmpty()
        && grpcCodes.contains(Integer.parseInt(code));
  }
}
