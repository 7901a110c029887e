// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.policy;

import com.google.protobuf.ByteString;
import dev.culvert.policy.authz.CompiledAuthorization;
import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.policy.authz.PolicyIndex;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.wire.security.Address;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.policy.wire.security.Clause;
import dev.culvert.policy.wire.security.Match;
import dev.culvert.policy.wire.security.Rule;
import dev.culvert.policy.wire.security.StringMatch;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The decision on one new connection, with as many policies in the destination's namespace as
 * {@code policies} says.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AuthorizationBenchmark {
  private static final TrustDomain DOMAIN = new TrustDomain("cluster.local");

  /** How many ALLOW policies the namespace has; the one that matches is among the last. */
  @Param({"1", "100", "10000"})
  public int policies;

  /** What tells the policies apart; of prefixes all must be compared. */
  @Param({"PRINCIPAL", "SOURCE_BLOCK", "PREFIX"})
  public Field field;

  /** A field of a policy. */
  public enum Field {
    PRINCIPAL,
    SOURCE_BLOCK,
    PREFIX
  }

  private PolicyIndex index;
  private ConnectionFacts allowed;
  private ConnectionFacts denied;

  /** Compiles the policies. */
  @Setup
  public void compile() throws UnknownHostException {
    index =
        PolicyIndex.of(
            IntStream.range(0, policies)
                .mapToObj(this::allowClient)
                .map(CompiledAuthorization::compile)
                .toList());
    allowed = from("client-" + (policies - 1), address(policies - 1));
    denied = from("stranger", address(1 << 16));
  }

  /** One of 198.18.0.0/15. */
  private static byte[] address(int number) {
    return new byte[] {
      (byte) 198, (byte) (18 + (number >> 16)), (byte) (number >> 8), (byte) number
    };
  }

  /** A connection that one policy allows. */
  @Benchmark
  public Verdict allow() {
    return index.decide("shop", List.of(), allowed);
  }

  /** A connection that no policy allows, so that all are looked at. */
  @Benchmark
  public Verdict deny() {
    return index.decide("shop", List.of(), denied);
  }

  private static ConnectionFacts from(String account, byte[] address) throws UnknownHostException {
    return new ConnectionFacts(
        Optional.of(SpiffeId.workload(DOMAIN, "shop", account)),
        InetAddress.getByAddress(address),
        InetAddress.getByName("198.18.2.3"),
        8080);
  }

  private Authorization allowClient(int number) {
    return Authorization.newBuilder()
        .setName("allow-" + number)
        .setNamespace("shop")
        .setScope(dev.culvert.policy.wire.security.Scope.NAMESPACE)
        .addRules(Rule.newBuilder().addClauses(Clause.newBuilder().addMatches(match(number))))
        .build();
  }

  private Match match(int number) {
    String principal = "cluster.local/ns/shop/sa/client-" + number;
    Match.Builder match = Match.newBuilder();
    return switch (field) {
      case PRINCIPAL -> match.addPrincipals(StringMatch.newBuilder().setExact(principal)).build();
      case PREFIX -> match.addPrincipals(StringMatch.newBuilder().setPrefix(principal)).build();
      case SOURCE_BLOCK ->
          match
              .addSourceIps(
                  Address.newBuilder()
                      .setAddress(ByteString.copyFrom(address(number)))
                      .setLength(32))
              .build();
    };
  }
}
