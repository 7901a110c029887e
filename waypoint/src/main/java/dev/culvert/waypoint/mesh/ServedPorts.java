// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.accept.ClientStream;
import dev.culvert.waypoint.accept.ExchangeStarter;
import dev.culvert.waypoint.authenticate.KeySources;
import dev.culvert.waypoint.authorize.AskedByRoutes;
import dev.culvert.waypoint.authorize.ConnectionFacts;
import dev.culvert.waypoint.authorize.Inquiries;
import dev.culvert.waypoint.authorize.Providers;
import dev.culvert.waypoint.exchange.Chain;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.exchange.Refuse;
import dev.culvert.waypoint.gateway.BackendTlsContexts;
import dev.culvert.waypoint.gateway.BackendTlsPolicies;
import dev.culvert.waypoint.http.HttpStream;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.ztunnel.xds.MeshState;
import io.netty.handler.codec.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * What requests to each port go through, worked out when the first of them comes and anew with each
 * change of the resources. Any thread.
 */
final class ServedPorts {
  private record Key(String destination, int port) {
    static Key of(Asked asked) {
      return new Key(asked.key(), asked.address().getPort());
    }
  }

  private final Bound bound;
  private final MeshBackends backends;
  private final Self self;
  private final Inquiries inquiries;
  private final BiFunction<Destination, Phase, Chain> chain;
  private final ConcurrentMap<Key, ServedPort> served = new ConcurrentHashMap<>();
  private final BackendTlsContexts tls = new BackendTlsContexts();

  /** Of routes and what they name; what a port comes to is kept by the port. */
  private final Kept kept = new Kept();

  private volatile SecuredBackends secured;
  private volatile MeshRoutes routes;
  private volatile WaypointPolicies policies;
  private volatile Refusals refusals = Refusals.NONE;
  private volatile boolean known;

  /**
   * @param chain the phases around the one that finds the rule, for what is asked for
   */
  ServedPorts(
      MeshState mesh,
      Bound bound,
      MeshBackends backends,
      Self self,
      KeySources keys,
      Inquiries inquiries,
      BiFunction<Destination, Phase, Chain> chain) {
    this.bound = bound;
    this.backends = backends;
    this.self = self;
    this.inquiries = inquiries;
    this.chain = chain;
    this.secured = secured(ResourceFiles.empty(), Refusals.NONE, new ArrayList<>());
    this.routes =
        new MeshRoutes(
            ResourceFiles.empty(), secured, new AskedByRoutes(inquiries), Refusals.NONE, kept);
    this.policies =
        WaypointPolicies.first(ResourceFiles.empty(), self, keys, Providers.none(), kept);
    mesh.onChange(this::forgetStale);
  }

  /** Whether routes and policies were told: before, all is closed. */
  boolean isKnown() {
    return known;
  }

  /** Why a connection that is not looked into does not go on, if it does not. */
  Optional<String> closed(Asked asked, ClientConnection client) {
    return shut(asked).or(() -> policies.denial(asked, new ConnectionFacts(client)));
  }

  /** Why neither connections nor requests go on, if they do not. */
  private Optional<String> shut(Asked asked) {
    return bound.isBound(asked)
        ? refusals.of(asked)
        : Optional.of("it does not use this waypoint any more");
  }

  /** What judges connections to it that are not looked into. */
  RequestPolicies connections(Asked asked) {
    return policies.ofConnections(asked);
  }

  /**
   * What becomes of a client's connection to it: as a route for the port says, or the port itself.
   */
  Carriage carriage(Asked asked, SpiffeId client) {
    return switch (asked) {
      case Asked.OfService of -> current(Key.of(of), of).carriage(client);
      // Of a pod a client may ask for any port: nothing is kept of them.
      case Asked.OfPod of -> MeshRoutes.carriage(of, backends.of(of));
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
        return port(key, asked).exchanges().begin(client, head);
      }

      @Override
      public void rejected(ClientConnection connection, int status, String problem) {
        port(key, asked).exchanges().rejected(connection, status, problem);
      }
    };
  }

  /** Worked out anew when something else is said of what is spoken there. */
  private ServedPort current(Key key, Asked asked) {
    ServedPort known = port(key, asked);
    return known.asked().protocol() == asked.protocol() ? known : serveAnew(key, asked);
  }

  private synchronized ServedPort serveAnew(Key key, Asked asked) {
    ServedPort anew = serve(asked);
    served.put(key, anew);
    return anew;
  }

  private ServedPort port(Key key, Asked asked) {
    ServedPort known = served.get(key);
    return known != null ? known : serve(key, asked);
  }

  private synchronized ServedPort serve(Key key, Asked asked) {
    return served.computeIfAbsent(key, _ -> serve(asked));
  }

  private ServedPort serve(Asked asked) {
    boolean isBound = bound.isBound(asked);
    Kept ofPort = new Kept();
    return new ServedPort(
        asked,
        isBound,
        ofPort,
        make(asked, ofPort),
        made -> chain.apply(made.itself(), made.match()));
  }

  private ServedPort.Made make(Asked asked, Kept ofPort) {
    List<Phase> guards = policies.guards(asked, ofPort);
    Own own = own(asked, ofPort);
    PortRoutes found =
        switch (asked) {
          case Asked.OfService of -> routes.of(of, own, guards, ofPort);
          case Asked.OfPod of -> routes.none(of, own, guards, ofPort);
        };
    return new ServedPort.Made(
        own.connections(),
        shut(asked).<Phase>map(Refuse::new).orElse(found.match()),
        found.carriages());
  }

  private Own own(Asked asked, Kept ofPort) {
    return switch (asked) {
      case Asked.OfService of -> secured.own(of.service(), of.port().servicePort(), ofPort);
      case Asked.OfPod of -> {
        Destination pod = secured.pod(of, ofPort);
        yield new Own(pod, pod);
      }
    };
  }

  private void replace(ServedPort port) {
    port.kept().begin();
    port.replace(make(port.asked(), port.kept()));
    port.kept().end();
  }

  /**
   * Requests from now on go by these resources.
   *
   * @param closed what nobody gets to
   * @return what of them has no effect, and why
   */
  synchronized List<String> replace(Resources resources, Refusals closed) {
    kept.begin();
    List<String> found = new ArrayList<>(backends.apply(resources));
    secured = secured(resources, closed, found);
    policies =
        policies.next(
            resources, new Providers(resources, secured, inquiries, self.rootNamespaces(), kept));
    routes = new MeshRoutes(resources, secured, new AskedByRoutes(inquiries), closed, kept);
    refusals = closed;
    known = true;
    served.values().removeIf(one -> !bound.isBound(one.asked()));
    served.values().forEach(this::replace);
    kept.end();
    return Stream.of(found, policies.problems(), routes.problems()).flatMap(List::stream).toList();
  }

  private SecuredBackends secured(Resources resources, Refusals closed, List<String> problems) {
    tls.begin();
    BackendTlsPolicies ofBackends = new BackendTlsPolicies(resources, tls, problems);
    ofBackends.prepare();
    tls.end();
    return new SecuredBackends(backends, ofBackends, closed, kept);
  }

  /**
   * What the mesh has no more would be kept for ever, and what was refused may be this waypoint's
   * now. What is not this waypoint's any more is kept until the resources change, so that requests
   * are judged as before while their connections are drained.
   */
  private void forgetStale() {
    served
        .values()
        .removeIf(
            one -> !bound.exists(one.asked()) || (!one.wasBound() && bound.isBound(one.asked())));
  }
}
