// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who decides for AuthorizationPolicies of action CUSTOM that name it (Istio, {@code
 * MeshConfig.ExtensionProvider}, {@code envoyExtAuthzGrpc} and {@code envoyExtAuthzHttp}).
 *
 * @param service who answers
 * @param timeout until it must have
 * @param failOpen whether a request goes on that it could not be asked about
 * @param statusOnError what is answered else
 * @param body how much of the request's body it is told; empty for nothing
 */
public record ExtensionProvider(
    String name,
    ServiceAddress service,
    Duration timeout,
    boolean failOpen,
    int statusOnError,
    Optional<Body> body,
    Protocol protocol) {

  /** A port of a service. */
  public record ServiceAddress(String namespace, String name, int port) {}

  /**
   * A body that is told.
   *
   * @param most so many bytes of it
   * @param partial whether of a longer one the beginning is told; else the request is refused
   * @param raw whether it need not be text
   */
  public record Body(int most, boolean partial, boolean raw) {}

  /** How it is asked. */
  public sealed interface Protocol {}

  /**
   * By {@code envoy.service.auth.v3.Authorization/Check}.
   *
   * @param asked names of the fields of the request that it is told, in lower case; empty for all
   */
  public record Grpc(List<String> asked) implements Protocol {
    public Grpc {
      asked = List.copyOf(asked);
    }
  }

  /**
   * By a request of the same method and path. Names of header fields are in lower case, and may
   * have one {@code *} at an end.
   *
   * @param pathPrefix what is put before the path
   * @param asked fields of the request that it is told beside the usual
   * @param added fields that it is told beside those of the request
   * @param upstream fields of its answer that an allowed request gets
   * @param downstreamDeny fields of its answer that a refused client gets; empty for all
   * @param downstreamAllow fields of its answer that the response gets
   */
  public record Http(
      String pathPrefix,
      List<String> asked,
      Map<String, String> added,
      List<String> upstream,
      List<String> downstreamDeny,
      List<String> downstreamAllow)
      implements Protocol {
    public Http {
      asked = List.copyOf(asked);
      added = Map.copyOf(added);
      upstream = List.copyOf(upstream);
      downstreamDeny = List.copyOf(downstreamDeny);
      downstreamAllow = List.copyOf(downstreamAllow);
    }
  }
}
