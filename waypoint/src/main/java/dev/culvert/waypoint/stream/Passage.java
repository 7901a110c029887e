// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.traffic.HashKey;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.authorize.ConnectionFacts;
import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Hash64;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Usage;
import dev.culvert.waypoint.stream.Upstream.Reached;
import dev.culvert.ztunnel.hbone.Forwarded;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionMeter;
import dev.culvert.ztunnel.telemetry.FlaggedFailure;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.transport.ConnectFailure;
import dev.culvert.ztunnel.transport.Relay;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One connection on its way to a backend. On its event loop. */
public final class Passage implements Asking {
  /** Nothing was sent to an endpoint that cannot be connected: others may be tried. */
  private static final int MOST_TRIES = 3;

  private final Carriers carriers;
  private final PassageClient client;
  private final ClientConnection connection;
  private final RoutePlan route;
  private final boolean inTls;
  private final List<Target> tried = new ArrayList<>(1);
  private @Nullable Failure failure;
  private @Nullable Relay relay;

  /** Why an endpoint was not reached. */
  private record Failure(ConnectionInfo info, Outcome outcome) {}

  /**
   * @param route of its backends
   * @param inTls whether the client's own TLS is carried
   */
  public Passage(Carriers carriers, PassageClient client, RoutePlan route, boolean inTls) {
    this.carriers = carriers;
    this.client = client;
    this.connection = client.connection();
    this.route = route;
    this.inTls = inTls;
  }

  /** Nothing of it is sent before it is known to be allowed. */
  public void begin() {
    client.closed().or(client::forbidden).ifPresentOrElse(this::refuse, this::attempt);
  }

  PassageClient client() {
    return client;
  }

  private void attempt() {
    RoutePlan.Weighted backend = route.draw();
    if (backend == null) {
      refuse("route %s has no backend".formatted(route.name()));
      return;
    }
    switch (backend.destination().next(this)) {
      case Pick.None none -> refuse(none.reason());
      case Target target when failure != null && isTried(target) ->
          refuse(failure.info, failure.outcome);
      case Target target when !target.bounds().takeConnection(false) ->
          refuse("%s has as many connections as it may".formatted(backend.destination()));
      case Target target -> connect(target, backend.destination());
    }
  }

  private boolean isTried(Target target) {
    return tried.stream()
        .anyMatch(one -> one.address().equals(target.address()) && one.way().equals(target.way()));
  }

  private void connect(Target target, Destination destination) {
    tried.add(target);
    target.usage().began();
    Target spoken = inTls ? target.withoutTls() : target.in(Protocol.OTHER);
    Target to = spoken.telling(connection.client(), connection.asked());
    Forwarded from =
        new Forwarded(Optional.of(connection.client()), Optional.of(destination.hostname()));
    carriers
        .upstream()
        .reach(connection.loop(), to, from)
        .addListener((Future<Reached> done) -> reached(done, target, destination));
  }

  private void reached(Future<Reached> done, Target target, Destination destination) {
    if (done.isSuccess()) {
      carry(target, destination, done.getNow());
      return;
    }
    over(target, Usage.Outcome.NO_ANSWER);
    failure = new Failure(info(target, destination), outcome(done.cause()));
    if (tried.size() < MOST_TRIES && !client.isGone()) {
      attempt();
    } else {
      refuse(failure.info, failure.outcome);
    }
  }

  private static Outcome outcome(Throwable cause) {
    ResponseFlag flag = FlaggedFailure.flagOf(cause);
    return Outcome.failed(
        flag == ResponseFlag.NONE ? ResponseFlag.CONNECT : flag, ConnectFailure.describe(cause));
  }

  private void carry(Target target, Destination destination, Reached server) {
    ConnectionMeter meter = carriers.telemetry().open(info(target, destination));
    server.tunnel().ifPresent(meter::secured);
    client.policies().ifPresent(policies -> note(policies, meter));
    carriers.open().add(this);
    relay =
        Relay.start(
            client.accept(),
            server.half(),
            meter,
            () -> {
              carriers.open().remove(this);
              over(target, Usage.Outcome.ANSWERED);
              client.over();
            });
    // Policy may have changed between the decision and now, and would not be looked at again.
    judge();
  }

  private ConnectionInfo info(Target target, Destination destination) {
    return carriers.upstream().described(client.info(target.address()), target, destination);
  }

  private void note(RequestPolicies policies, ConnectionMeter meter) {
    ConnectionFacts facts = new ConnectionFacts(connection);
    meter.decided(policies.decide(facts));
    policies.watch(facts, policy -> meter.wouldBeDecided(would(policy)));
  }

  private static Verdict would(AuthorizationPolicy policy) {
    Optional<PolicyKey> key =
        Optional.of(new PolicyKey(policy.metadata().namespace(), policy.metadata().name()));
    return switch (policy.action()) {
      case ALLOW, AUDIT -> new Verdict.Allow(key);
      case DENY, CUSTOM -> new Verdict.Deny(key, Verdict.Reason.DENY_MATCHED);
    };
  }

  /** Ends it if it is forbidden now. Any thread. */
  void judge() {
    client.forbidden().ifPresent(outcome -> connection.loop().execute(() -> relay.abort(outcome)));
  }

  private static void over(Target target, Usage.Outcome outcome) {
    target.bounds().giveConnection();
    target.usage().ended(outcome);
  }

  private void refuse(String problem) {
    refuse(Outcome.failed(ResponseFlag.CONNECT, problem));
  }

  private void refuse(Outcome outcome) {
    refuse(client.info(connection.local()), outcome);
  }

  private void refuse(ConnectionInfo info, Outcome outcome) {
    carriers.telemetry().refused(info, outcome);
    client.refuse(outcome);
    client.over();
  }

  // === what the choice of an endpoint needs ===

  @Override
  public boolean isHttp2() {
    return false;
  }

  @Override
  public InetSocketAddress address() {
    return connection.local();
  }

  @Override
  public List<Target> tried() {
    return tried;
  }

  /** A connection has no other key than where it comes from. */
  @Override
  public long hash(HashKey key) {
    return key instanceof HashKey.SourceAddress
        ? Hash64.of(connection.client().getAddress().getHostAddress())
        : Asking.super.hash(key);
  }
}
