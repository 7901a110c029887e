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
import dev.culvert.ztunnel.transport.Half;
import dev.culvert.ztunnel.transport.Relay;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One connection on its way to a backend. On its event loop. */
final class Passage implements Asking {
  /** Nothing was sent to an endpoint that cannot be connected: another may be tried. */
  private static final int MOST_TRIES = 3;

  private final Streams streams;
  private final Channel channel;
  private final Half client;
  private final ClientConnection connection;
  private final StreamPlan plan;
  private final boolean inTls;
  private final List<Target> tried = new ArrayList<>(1);
  private @Nullable Relay relay;

  /**
   * @param channel the client's
   * @param inTls whether the client's own TLS is carried
   */
  Passage(
      Streams streams,
      Channel channel,
      Half client,
      ClientConnection connection,
      StreamPlan plan,
      boolean inTls) {
    this.streams = streams;
    this.channel = channel;
    this.client = client;
    this.connection = connection;
    this.plan = plan;
    this.inTls = inTls;
  }

  void begin() {
    Optional<RequestPolicies> policies = streams.policies(plan);
    if (policies.isEmpty()) {
      refuse("%s is not served any more".formatted(plan.gateway()));
    } else if (policies.get().decide(facts()) instanceof Verdict.Deny denied) {
      refuse(Outcome.denied(denied));
    } else {
      attempt();
    }
  }

  private ConnectionFacts facts() {
    return new ConnectionFacts(connection);
  }

  private void attempt() {
    RoutePlan.Weighted backend = plan.route().draw();
    if (backend == null) {
      refuse("route %s has no backend".formatted(plan.route().name()));
      return;
    }
    switch (backend.destination().next(this)) {
      case Pick.None none -> refuse(none.reason());
      case Target target when !target.bounds().takeConnection(false) ->
          refuse("%s has as many connections as it may".formatted(backend.destination()));
      case Target target -> connect(target, backend.destination());
    }
  }

  private void connect(Target target, Destination destination) {
    tried.add(target);
    target.usage().began();
    Target spoken = inTls ? target.withoutTls() : target.in(Protocol.OTHER);
    Target to = spoken.telling(connection.client(), connection.asked());
    Forwarded from =
        new Forwarded(Optional.of(connection.client()), Optional.of(destination.hostname()));
    streams
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
    if (tried.size() < MOST_TRIES && channel.isActive()) {
      attempt();
    } else {
      refuse(failure(done.cause()));
    }
  }

  private static Outcome failure(Throwable cause) {
    ResponseFlag flag = FlaggedFailure.flagOf(cause);
    return Outcome.failed(
        flag == ResponseFlag.NONE ? ResponseFlag.CONNECT : flag, ConnectFailure.describe(cause));
  }

  private void carry(Target target, Destination destination, Reached server) {
    ConnectionInfo known = info(target.address());
    ConnectionMeter meter =
        streams.telemetry().open(streams.upstream().described(known, target, destination));
    server.tunnel().ifPresent(meter::secured);
    streams.policies(plan).ifPresent(policies -> note(policies, meter));
    streams.add(this);
    relay =
        Relay.start(
            client,
            server.half(),
            meter,
            () -> {
              streams.remove(this);
              over(target, Usage.Outcome.ANSWERED);
            });
    // Policy may have changed between the decision and now, and would not be looked at again.
    judge();
  }

  private void note(RequestPolicies policies, ConnectionMeter meter) {
    ConnectionFacts facts = facts();
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
    streams
        .policies(plan)
        .map(policies -> policies.decide(facts()))
        .filter(verdict -> !verdict.isAllowed())
        .ifPresent(
            verdict ->
                connection
                    .loop()
                    .execute(() -> relay.abort(Outcome.denied((Verdict.Deny) verdict))));
  }

  private static void over(Target target, Usage.Outcome outcome) {
    target.bounds().giveConnection();
    target.usage().ended(outcome);
  }

  private void refuse(String problem) {
    refuse(Outcome.failed(ResponseFlag.CONNECT, problem));
  }

  private void refuse(Outcome outcome) {
    streams.telemetry().refused(info(connection.local()), outcome);
    client.reset();
  }

  private ConnectionInfo info(InetSocketAddress destination) {
    return new ConnectionInfo(
        ConnectionInfo.Direction.WAYPOINT,
        ConnectionInfo.Security.NONE,
        connection.client(),
        destination,
        connection.local(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        connection.identity(),
        Optional.empty());
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
