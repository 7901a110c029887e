// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.route.Hostname;
import dev.culvert.policy.route.HttpMatch;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An HTTPRoute of the Gateway API ({@code gateway.networking.k8s.io}), or a GRPCRoute as what it
 * means in HTTP.
 *
 * @param kind HTTPRoute or GRPCRoute
 * @param parents what it is attached to
 * @param hostnames none means every host of the parent
 * @param rules at least one
 */
public record HttpRouteResource(
    ObjectMeta metadata,
    String kind,
    List<ParentRef> parents,
    List<Hostname> hostnames,
    List<Rule> rules)
    implements RouteResource {

  /**
   * What a route is attached to.
   *
   * @param to a Gateway, or a Service in the mesh
   * @param section the name of a listener, or of a service's port; empty for all
   * @param port a listener's or service's port; 0 for all
   */
  public record ParentRef(ObjectRef to, String section, int port) {
    /** Whether it is for a port of the Service that it names. */
    public boolean isFor(ServicePort of) {
      return (port == 0 || port == of.port())
          && (section.isEmpty() || section.equals(of.name()))
          && of.protocol().equals("TCP");
    }
  }

  /**
   * One rule.
   *
   * @param matches one that holds is enough; none means every request
   * @param changes made to requests and responses, in their order
   * @param request how long the whole may take; zero for any time
   * @param backendRequest how long an attempt may take; zero for any time
   * @param retry empty when nothing is said
   * @param sessions empty when a client's requests go anywhere
   */
  public record Rule(
      String name,
      List<HttpMatch> matches,
      List<HttpRouteFilter> changes,
      List<BackendRef> backends,
      Duration request,
      Duration backendRequest,
      Optional<Retry> retry,
      Optional<SessionPersistence> sessions) {
    public Rule {
      matches = List.copyOf(matches);
      changes = List.copyOf(changes);
      backends = List.copyOf(backends);
    }

    /**
     * All that requests, copies of them or questions about them are sent to: each backend and then
     * its mirrors, then the mirrors of the rule, then who decides.
     */
    public Stream<BackendRef> named() {
      return Stream.of(
              backends.stream()
                  .flatMap(one -> Stream.concat(Stream.of(one), mirrored(one.filters()))),
              mirrored(changes),
              HttpRouteFilter.externalAuths(changes).map(HttpRouteFilter.ExternalAuth::to))
          .flatMap(each -> each);
    }

    private static Stream<BackendRef> mirrored(List<HttpRouteFilter> filters) {
      return HttpRouteFilter.mirrors(filters).map(HttpRouteFilter.Mirror::to);
    }
  }

  /**
   * Where a rule's requests go.
   *
   * @param to a Service; what is something else cannot be sent to
   * @param port 1 to 65535; 0 where none is written, of something else than a Service
   * @param weight 0 to 1,000,000
   * @param filters of what goes there and comes from there, in their order
   */
  public record BackendRef(ObjectRef to, int port, int weight, List<HttpRouteFilter> filters) {
    public BackendRef {
      filters = List.copyOf(filters);
    }

    /** Whether it is one that can be sent to, if it is there. */
    public boolean isService() {
      return isService(to);
    }

    static boolean isService(ObjectRef to) {
      return to.kind().equals("Service") && to.group().isEmpty();
    }
  }

  /**
   * When a request is sent again.
   *
   * @param codes statuses that are no answer
   */
  public record Retry(int attempts, List<Integer> codes, Duration backoff) {
    public Retry {
      codes = List.copyOf(codes);
    }
  }

  public HttpRouteResource {
    parents = List.copyOf(parents);
    hostnames = List.copyOf(hostnames);
    rules = List.copyOf(rules);
  }
}
