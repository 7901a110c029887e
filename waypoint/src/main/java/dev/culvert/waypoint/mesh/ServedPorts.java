// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.resource.Resources;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.accept.ClientStream;
import dev.culvert.waypoint.accept.ExchangeStarter;
import dev.culvert.waypoint.authenticate.KeySources;
import dev.culvert.waypoint.authorize.ConnectionFacts;
import dev.culvert.waypoint.authorize.Inquiries;
import dev.culvert.waypoint.authorize.Providers;
import dev.culvert.waypoint.exchange.Chain;
import dev.culvert.waypoint.exchange.Exchanges;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.exchange.Refuse;
import dev.culvert.waypoint.http.HttpStream;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.ztunnel.xds.MeshState;
import io.netty.handler.codec.http.HttpRequest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What requests to each port go through, worked out when the first of them comes and anew with each
 * change of the resources. Any thread.
 */
final class ServedPorts {
  private record Key(String destination, int port) {
    static Key of(Asked asked) {
      return new Key(
          switch (asked) {
            case Asked.OfService of -> of.service().key();
            case Asked.OfPod of -> of.pod().uid();
          },
          asked.address().getPort());
    }
  }

  /**
   * A port and what its requests go through.
   *
   * @param bound whether it was this waypoint's when that was worked out
   */
  private record Served(Asked asked, Destination own, boolean bound, Exchanges exchanges) {}

  private final Bound bound;
  private final MeshBackends backends;
  private final Self self;
  private final KeySources keys;
  private final Inquiries inquiries;
  private final Function<Phase, Chain> chain;
  private final ConcurrentMap<Key, Served> served = new ConcurrentHashMap<>();
  private volatile MeshRoutes routes;
  private volatile WaypointPolicies policies;
  private volatile Refusals refusals = Refusals.NONE;
  private volatile boolean known;

  /**
   * @param chain the phases around the one that finds the rule
   */
  ServedPorts(
      MeshState mesh,
      Bound bound,
      MeshBackends backends,
      Self self,
      KeySources keys,
      Inquiries inquiries,
      Function<Phase, Chain> chain) {
    this.bound = bound;
    this.backends = backends;
    this.self = self;
    this.keys = keys;
    this.inquiries = inquiries;
    this.chain = chain;
    this.routes = new MeshRoutes(ResourceFiles.empty(), backends, Refusals.NONE);
    this.policies = new WaypointPolicies(ResourceFiles.empty(), self, keys, Providers.none());
    mesh.onChange(this::forgetStale);
  }

  /** Whether routes and policies were told: before, all is closed. */
  boolean isKnown() {
    return known;
  }

  /** Why a connection that is not looked into does not go on, if it does not. */
  Optional<String> closed(Asked asked, ConnectionFacts client) {
    return shut(asked).or(() -> policies.denial(asked, client));
  }

  /** Why neither connections nor requests go on, if they do not. */
  private Optional<String> shut(Asked asked) {
    return bound.isBound(asked)
        ? refusals.of(asked)
        : Optional.of("it does not use this waypoint any more");
  }

  /** Whether what is spoken there is HTTP: it is said so, or a route is for it. */
  boolean isHttp(Asked asked) {
    return switch (asked.protocol()) {
      case HTTP1, HTTP2, GRPC -> true;
      case UNKNOWN ->
          asked instanceof Asked.OfService of
              && routes.hasAny(of.service(), of.address().getPort());
      case TCP, TLS -> false;
    };
  }

  /**
   * Takes the requests of a connection to it, each as things stand when it comes: the connection
   * may outlive what it was opened to.
   */
  ExchangeStarter starter(Asked asked) {
    Key key = Key.of(asked);
    return new ExchangeStarter() {
      @Override
      public HttpStream.Events begin(ClientStream client, HttpRequest head) {
        return exchanges(key, asked).begin(client, head);
      }

      @Override
      public void rejected(ClientConnection connection, int status, String problem) {
        exchanges(key, asked).rejected(connection, status, problem);
      }
    };
  }

  private Exchanges exchanges(Key key, Asked asked) {
    Served known = served.get(key);
    return known != null ? known.exchanges : serve(key, asked);
  }

  private synchronized Exchanges serve(Key key, Asked asked) {
    return served.computeIfAbsent(key, _ -> serve(asked)).exchanges;
  }

  private Served serve(Asked asked) {
    Destination own =
        switch (asked) {
          case Asked.OfService of -> backends.of(of.service(), of.address().getPort());
          case Asked.OfPod of -> backends.of(of);
        };
    boolean isBound = bound.isBound(asked);
    return new Served(asked, own, isBound, new Exchanges(chain.apply(match(asked, own))));
  }

  private Phase match(Asked asked, Destination own) {
    Optional<String> shut = shut(asked);
    if (shut.isPresent()) {
      return new Refuse(shut.get());
    }
    List<Phase> guards = policies.guards(asked);
    return switch (asked) {
      case Asked.OfService of -> routes.match(of.service(), of.address().getPort(), own, guards);
      case Asked.OfPod _ -> MeshRoutes.everything(own, guards);
    };
  }

  /**
   * Requests from now on go by these resources.
   *
   * @param closed what nobody gets to
   * @return what of them has no effect, and why
   */
  synchronized List<String> replace(Resources resources, Refusals closed) {
    List<String> traffic = backends.apply(resources);
    policies =
        new WaypointPolicies(
            resources,
            self,
            keys,
            new Providers(resources, backends, inquiries, self.rootNamespaces()));
    routes = new MeshRoutes(resources, backends, closed);
    refusals = closed;
    known = true;
    served.values().removeIf(one -> !bound.isBound(one.asked));
    served.values().forEach(one -> one.exchanges.replace(chain.apply(match(one.asked, one.own))));
    return Stream.of(traffic, policies.problems(), routes.problems())
        .flatMap(List::stream)
        .toList();
  }

  /**
   * What the mesh has no more would be kept for ever, and what was refused may be this waypoint's
   * now. What is not this waypoint's any more is kept until the resources change, so that requests
   * are judged as before while their connections are drained.
   */
  private void forgetStale() {
    served
        .values()
        .removeIf(one -> !bound.exists(one.asked) || (!one.bound && bound.isBound(one.asked)));
  }
}
