// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.spiffe;

import java.util.Optional;

/**
 * A workload's identity, for example {@code spiffe://cluster.local/ns/shop/sa/web}. Immutable; its
 * texts are made once, because policy asks for them on every connection.
 */
public final class SpiffeId {
  /** The longest URI, in characters. */
  public static final int MAX_LENGTH = 2048;

  private static final String SCHEME = "spiffe://";

  private final TrustDomain trustDomain;
  private final String path;
  private final String uri;
  private final String principal;
  private final Optional<String> namespace;
  private final Optional<String> serviceAccount;

  /**
   * @param path empty, or segments of {@code a-z A-Z 0-9 . _ -} that each follow a slash
   * @throws InvalidSpiffeIdException when the path breaks the standard or the URI gets too long
   */
  public SpiffeId(TrustDomain trustDomain, String path) {
    this.trustDomain = trustDomain;
    this.path = path;
    this.principal = trustDomain.name() + path;
    this.uri = SCHEME + principal;
    if (uri.length() > MAX_LENGTH) {
      throw invalid(uri, "it is longer than " + MAX_LENGTH + " characters");
    }
    SpiffePath.check(uri, path);
    String[] segments = path.split("/", -1);
    boolean workload = segments.length == 5 && segments[1].equals("ns") && segments[3].equals("sa");
    this.namespace = workload ? Optional.of(segments[2]) : Optional.empty();
    this.serviceAccount = workload ? Optional.of(segments[4]) : Optional.empty();
  }

  /**
   * Reads a URI.
   *
   * @throws InvalidSpiffeIdException when it is no SPIFFE id
   */
  public static SpiffeId parse(String uri) {
    if (!uri.startsWith(SCHEME)) {
      throw invalid(uri, "it must start with " + SCHEME);
    }
    if (uri.length() > MAX_LENGTH) {
      throw invalid(uri, "it is longer than " + MAX_LENGTH + " characters");
    }
    String rest = uri.substring(SCHEME.length());
    SpiffePath.refuseQueryAndFragment(uri, rest);
    int slash = rest.indexOf('/');
    String domain = slash < 0 ? rest : rest.substring(0, slash);
    return new SpiffeId(new TrustDomain(domain), rest.substring(domain.length()));
  }

  /** The identity of a Kubernetes service account. */
  public static SpiffeId workload(
      TrustDomain trustDomain, String namespace, String serviceAccount) {
    return new SpiffeId(trustDomain, "/ns/" + namespace + "/sa/" + serviceAccount);
  }

  /** Who vouches for the identity. */
  public TrustDomain trustDomain() {
    return trustDomain;
  }

  /** What follows the trust domain, with its leading slash; empty for the trust domain's own id. */
  public String path() {
    return path;
  }

  /** The Kubernetes namespace, when the path is {@code /ns/NAMESPACE/sa/SERVICE_ACCOUNT}. */
  public Optional<String> namespace() {
    return namespace;
  }

  /** The service account, when the path is {@code /ns/NAMESPACE/sa/SERVICE_ACCOUNT}. */
  public Optional<String> serviceAccount() {
    return serviceAccount;
  }

  /** The identity without its scheme, which is how policies write it. */
  public String principal() {
    return principal;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SpiffeId id && uri.equals(id.uri);
  }

  @Override
  public int hashCode() {
    return uri.hashCode();
  }

  /** The URI. */
  @Override
  public String toString() {
    return uri;
  }

  static InvalidSpiffeIdException invalid(String uri, String problem) {
    return new InvalidSpiffeIdException("SPIFFE id", uri, problem);
  }
}
