// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A BackendTLSPolicy of the Gateway API ({@code gateway.networking.k8s.io}): that TLS is spoken to
 * Services, and who they must prove to be.
 *
 * @param targets Services of its namespace
 * @param authorities what holds the certificates of the CAs that may have signed theirs
 * @param system whether it is the CAs of this machine instead
 * @param hostname that is asked for in the handshake, and proved when there are no other names
 * @param names of which one must be proved; none means the host name
 */
public record BackendTlsPolicyResource(
    ObjectMeta metadata,
    List<Target> targets,
    List<ObjectRef> authorities,
    boolean system,
    String hostname,
    List<SubjectName> names)
    implements Resource {

  /** Of two for a port the first is followed (Gateway API, BackendTLSPolicySpec). */
  public static final Comparator<BackendTlsPolicyResource> OLDEST_FIRST =
      Comparator.comparing(
              (BackendTlsPolicyResource policy) ->
                  policy.metadata().creationTimestamp().orElse(Instant.EPOCH))
          .thenComparing(policy -> policy.metadata().namespace())
          .thenComparing(policy -> policy.metadata().name());

  /**
   * What it is for.
   *
   * @param port the name of a port; empty for all
   */
  public record Target(TargetRef service, String port) {}

  /**
   * A name that a certificate proves.
   *
   * @param uri whether it is a URI, as SPIFFE's are; else a host name
   */
  public record SubjectName(boolean uri, String name) {}

  public BackendTlsPolicyResource {
    targets = List.copyOf(targets);
    authorities = List.copyOf(authorities);
    names = List.copyOf(names);
  }

  /** The same with nobody who could prove anything: nothing is sent to its services. */
  BackendTlsPolicyResource closed() {
    return new BackendTlsPolicyResource(metadata, targets, List.of(), false, hostname, List.of());
  }

  /** Whether it stands in for one that cannot be read. */
  public boolean isClosed() {
    return !system && authorities.isEmpty();
  }

  /** Whether it names a port of a service of its namespace, or the service. */
  public boolean isFor(String service, ServicePort port) {
    return targets.stream()
        .filter(to -> to.service().group().isEmpty() && to.service().kind().equals("Service"))
        .filter(to -> to.service().name().equals(service))
        .anyMatch(to -> to.port().isEmpty() || to.port().equals(port.name()));
  }

  /** The ConfigMaps among the authorities. */
  public Stream<ObjectRef> authorityMaps() {
    return authorities.stream()
        .filter(ref -> ref.group().isEmpty() && ref.kind().equals("ConfigMap"));
  }

  @Override
  public String kind() {
    return "BackendTLSPolicy";
  }
}
