// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.policy.traffic.ConnectionLimits;
import dev.culvert.policy.traffic.Traffic;
import dev.culvert.waypoint.plan.Admission;
import dev.culvert.waypoint.plan.Bounds;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.SentProxyHeader;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Treatment;
import dev.culvert.waypoint.plan.Usage;
import dev.culvert.waypoint.plan.Usage.Outcome;
import io.netty.util.NetUtil;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port of a service, as this proxy sees it: how its requests are carried, and what is known of
 * its endpoints, which outlives every change of configuration. Any thread.
 */
public final class Cluster {
  private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);

  private final String name;
  private final String host;
  private final ClusterMeters meters;
  private final Prober prober;
  private final Map<Member.Key, WeakReference<Endpoint>> endpoints = new ConcurrentHashMap<>();
  private final AtomicBoolean begun = new AtomicBoolean();
  private volatile Behaviour behaviour = Behaviour.of(Traffic.STANDARD, null);

  /** What its policy comes to. */
  private record Behaviour(
      Traffic traffic,
      Bounds bounds,
      Treatment treatment,
      @Nullable Outliers outliers,
      @Nullable HealthRounds rounds) {
    static Behaviour of(Traffic traffic, @Nullable HealthRounds rounds) {
      boolean unbounded =
          traffic.connections().equals(ConnectionLimits.NONE) && traffic.retries().isEmpty();
      return new Behaviour(
          traffic,
          unbounded ? Bounds.NONE : new Bounds(traffic.connections()),
          new Treatment(
              traffic.retries().map(Retries::of).orElse(Retries.STANDARD),
              traffic.faults(),
              traffic
                  .rateLimit()
                  .<Admission>map(limit -> new TokenBucket(limit, System::nanoTime))
                  .orElse(Admission.FREE)),
          traffic.outliers().map(Outliers::new).orElse(null),
          rounds);
    }
  }

  /**
   * @param name for people
   * @param host of its service
   */
  Cluster(String name, String host, ClusterMeters meters, Prober prober) {
    this.name = name;
    this.host = host;
    this.meters = meters;
    this.prober = prober;
  }

  /** Requests from now on are carried so; what is known of endpoints stays. */
  synchronized void behave(Traffic traffic) {
    Behaviour before = behaviour;
    if (before.traffic.equals(traffic)) {
      return;
    }
    boolean asked = traffic.healthCheck().equals(before.traffic.healthCheck());
    HealthRounds rounds = asked ? before.rounds : rounds(traffic);
    behaviour = Behaviour.of(traffic, rounds);
    if (!asked && rounds != null) {
      rounds.start();
    } else if (rounds == null) {
      present().forEach(endpoint -> endpoint.health().forget());
    }
  }

  private @Nullable HealthRounds rounds(Traffic traffic) {
    return traffic.healthCheck().map(check -> new HealthRounds(this, check, prober)).orElse(null);
  }

  /** Whether it is these that ask its endpoints now. */
  boolean isAskedBy(HealthRounds rounds) {
    return behaviour.rounds == rounds;
  }

  /** The host name of its service. */
  String host() {
    return host;
  }

  /** How its requests are carried now; another object when that changes. */
  public Traffic traffic() {
    return behaviour.traffic;
  }

  /** What becomes of its requests beside the choice of an endpoint. */
  public Treatment treatment() {
    return behaviour.treatment;
  }

  /**
   * The roster of these endpoints.
   *
   * @param tiers the nearest first
   * @param spoken what they are asked in whether they are well
   */
  public Roster roster(List<List<Member>> tiers, Protocol spoken) {
    Behaviour now = behaviour;
    boolean fromTheStart = begun.compareAndSet(false, true);
    Tier[] made =
        tiers.stream()
            .filter(members -> !members.isEmpty())
            .map(members -> tier(members, spoken, now, fromTheStart))
            .toArray(Tier[]::new);
    endpoints.values().removeIf(one -> one.get() == null);
    return new Roster(made, name);
  }

  private Tier tier(List<Member> members, Protocol spoken, Behaviour now, boolean fromTheStart) {
    Slot[] slots =
        members.stream()
            .map(member -> slot(member, spoken, now, fromTheStart))
            .toArray(Slot[]::new);
    return new Tier(slots, now.traffic.loadBalancing());
  }

  private Slot slot(Member member, Protocol spoken, Behaviour now, boolean fromTheStart) {
    Optional<SentProxyHeader> header = now.traffic.proxyProtocol().map(SentProxyHeader::own);
    return new Slot(endpoint(member, spoken, header, fromTheStart), member, now.bounds, header);
  }

  private Endpoint endpoint(
      Member member, Protocol spoken, Optional<SentProxyHeader> header, boolean fromTheStart) {
    Endpoint[] found = new Endpoint[1];
    Target reached =
        new Target(
            member.address(),
            spoken,
            member.way(),
            member.party(),
            Bounds.NONE,
            Usage.NONE,
            member.tls(),
            header);
    endpoints.compute(
        member.key(),
        (_, known) -> {
          found[0] = known == null ? null : known.get();
          if (found[0] != null) {
            found[0].reachedAt(reached);
            return known;
          }
          String told = NetUtil.toSocketAddressString(member.address());
          found[0] = new Endpoint(this, told, fromTheStart, reached);
          return new WeakReference<>(found[0]);
        });
    return found[0];
  }

  /** An endpoint answered, or did not. */
  void answered(Endpoint endpoint, Outcome outcome) {
    Outliers outliers = behaviour.outliers;
    if (outliers != null && outliers.isTooMuch(endpoint.answers(), outcome)) {
      setAside(endpoint, outliers);
    }
  }

  private synchronized void setAside(Endpoint endpoint, Outliers outliers) {
    outliers
        .setAside(endpoint, present())
        .ifPresent(
            nanos -> {
              meters.ejected();
              LOG.warn(
                  "{}: endpoint {} gets nothing for {}: too many errors in a row",
                  name,
                  endpoint.name(),
                  Duration.ofNanos(nanos));
            });
  }

  /**
   * An endpoint was asked whether it is well.
   *
   * @param changed whether it is no more what it was before
   */
  void asked(Endpoint endpoint, Optional<String> problem, boolean changed) {
    meters.asked(problem.isEmpty());
    if (changed && problem.isPresent()) {
      LOG.warn("{}: endpoint {} is ill: {}", name, endpoint.name(), problem.get());
    } else if (changed) {
      LOG.info("{}: endpoint {} is well again", name, endpoint.name());
    }
  }

  /** The endpoints that it has now. */
  Collection<Endpoint> present() {
    List<Endpoint> present = new ArrayList<>();
    for (WeakReference<Endpoint> one : endpoints.values()) {
      Endpoint endpoint = one.get();
      if (endpoint != null) {
        present.add(endpoint);
      }
    }
    return present;
  }
}
