// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.accept.ClientStream;
import dev.culvert.waypoint.accept.ExchangeStarter;
import dev.culvert.waypoint.authenticate.KeySources;
import dev.culvert.waypoint.exchange.Chain;
import dev.culvert.waypoint.exchange.Exchanges;
import dev.culvert.waypoint.exchange.Phase;
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

  private record Served(Asked asked, Destination own, Exchanges exchanges) {}

  private final MeshState mesh;
  private final MeshBackends backends;
  private final Self self;
  private final KeySources keys;
  private final Function<Phase, Chain> chain;
  private final ConcurrentMap<Key, Served> served = new ConcurrentHashMap<>();
  private volatile MeshRoutes routes;
  private volatile WaypointPolicies policies;

  /**
   * @param chain the phases around the one that finds the rule
   */
  ServedPorts(
      MeshState mesh,
      MeshBackends backends,
      Self self,
      KeySources keys,
      Function<Phase, Chain> chain) {
    this.mesh = mesh;
    this.backends = backends;
    this.self = self;
    this.keys = keys;
    this.chain = chain;
    this.routes = new MeshRoutes(ResourceFiles.empty(), backends);
    this.policies = new WaypointPolicies(ResourceFiles.empty(), self, keys);
    mesh.onChange(this::forgetGone);
  }

  /** The name of a policy that keeps connections out which are not looked into. */
  Optional<String> closedBy(Asked asked) {
    return policies.closing(asked);
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
    return new Served(asked, own, new Exchanges(chain.apply(match(asked, own))));
  }

  private Phase match(Asked asked, Destination own) {
    List<Phase> guards = policies.guards(asked);
    return switch (asked) {
      case Asked.OfService of -> routes.match(of.service(), of.address().getPort(), own, guards);
      case Asked.OfPod _ -> MeshRoutes.everything(own, guards);
    };
  }

  /**
   * Requests from now on go by these resources.
   *
   * @return what of them has no effect, and why
   */
  synchronized List<String> replace(ResourceFiles files) {
    policies = new WaypointPolicies(files, self, keys);
    routes = new MeshRoutes(files, backends);
    served.values().forEach(one -> one.exchanges.replace(chain.apply(match(one.asked, one.own))));
    return Stream.of(policies.problems(), routes.problems()).flatMap(List::stream).toList();
  }

  /** What the mesh has no more would be kept for ever. */
  private void forgetGone() {
    served.values().removeIf(one -> !isKnown(one.asked));
  }

  private boolean isKnown(Asked asked) {
    return switch (asked) {
      case Asked.OfService of ->
          mesh.serviceByHostname(of.service().namespace(), of.service().hostname()).isPresent();
      case Asked.OfPod of -> mesh.workload(of.pod().namespace(), of.pod().name()).isPresent();
    };
  }
}
