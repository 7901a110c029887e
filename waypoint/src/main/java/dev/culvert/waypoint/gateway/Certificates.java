// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.ClientValidation;
import dev.culvert.policy.resource.ConfigMapResource;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ListenerTls;
import dev.culvert.policy.resource.ObjectRef;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.SecretResource;
import dev.culvert.waypoint.accept.TlsEnd;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.plan.ClientKey;
import dev.culvert.waypoint.route.Grants;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The TLS contexts of listeners, from Secrets of type kubernetes.io/tls. */
final class Certificates {
  private final Resources files;
  private final Grants grants;
  private final Kept kept;
  private final List<String> problems;

  Certificates(Resources files, Grants grants, Kept kept, List<String> problems) {
    this.kept = kept;
    this.files = files;
    this.grants = grants;
    this.problems = problems;
  }

  /** The context of a listener; empty, with a problem noted, when its certificate does not work. */
  Optional<TlsEnd.Here> of(Bound bound) {
    GatewayListener listener = bound.listener();
    String name = bound.name();
    List<ObjectRef> refs = listener.tls().map(ListenerTls::certificates).orElse(List.of());
    if (refs.isEmpty()) {
      return problem(name, "it names no certificate; add tls.certificateRefs");
    }
    ObjectRef ref = refs.getFirst();
    if (!grants.allow(bound.owner().kind(), bound.owner().metadata().namespace(), ref)) {
      return problem(
          name,
          "no ReferenceGrant of namespace %s lets it name Secret %s"
              .formatted(ref.namespace(), ref.name()));
    }
    Optional<ClientKey.Pem> pair = pair(ref);
    if (pair.isEmpty()) {
      return problem(name, missing(ref));
    }
    Optional<ClientValidation> validation = bound.gateway().clientValidation(listener);
    List<String> clientAuthorities = new ArrayList<>();
    for (ObjectRef one : validation.map(ClientValidation::authorities).orElse(List.of())) {
      Optional<String> found = authority(bound.gateway(), one);
      if (found.isEmpty()) {
        return problem(
            name,
            "there is no ConfigMap %s/%s with ca.crt that it may name, for clients' certificates"
                .formatted(one.namespace(), one.name()));
      }
      clientAuthorities.add(found.get());
    }
    return kept.of(
        new ServerTls(
            bound.key(),
            name,
            ref,
            pair.get(),
            clientAuthorities,
            validation.isPresent(),
            validation.filter(ClientValidation::insecureFallback).isPresent(),
            bound.isHttp()),
        problems);
  }

  /** What a Gateway shows to backends (Gateway API, GatewayBackendTLS). */
  ClientKey shown(GatewayResource gateway) {
    Optional<ObjectRef> ref = gateway.tls().backendCertificate();
    if (ref.isEmpty()) {
      return new ClientKey.None();
    }
    if (!grants.allow(gateway.kind(), gateway.metadata().namespace(), ref.get())) {
      return new ClientKey.Missing(
          "no ReferenceGrant of namespace %s lets %s show Secret %s to backends"
              .formatted(ref.get().namespace(), gateway.key(), ref.get().name()));
    }
    return pair(ref.get())
        .<ClientKey>map(pair -> pair)
        .orElseGet(
            () -> new ClientKey.Missing("%s: %s".formatted(gateway.key(), missing(ref.get()))));
  }

  private Optional<ClientKey.Pem> pair(ObjectRef ref) {
    return files
        .find(SecretResource.class, ref.namespace(), ref.name())
        .flatMap(
            secret ->
                secret
                    .value("tls.crt")
                    .flatMap(
                        certificate ->
                            secret
                                .value("tls.key")
                                .map(key -> new ClientKey.Pem(certificate, key))));
  }

  private static String missing(ObjectRef ref) {
    return "there is no Secret %s/%s with tls.crt and tls.key"
        .formatted(ref.namespace(), ref.name());
  }

  private Optional<String> authority(GatewayResource gateway, ObjectRef ref) {
    boolean may =
        ref.group().isEmpty()
            && ref.kind().equals("ConfigMap")
            && grants.allow(gateway.kind(), gateway.metadata().namespace(), ref);
    return files
        .find(ConfigMapResource.class, ref.namespace(), ref.name())
        .filter(_ -> may)
        .flatMap(ConfigMapResource::authorities);
  }

  private Optional<TlsEnd.Here> problem(String listener, String what) {
    problems.add(failing(listener, what));
    return Optional.empty();
  }

  static String failing(String listener, String what) {
    return "listener %s: %s; its handshakes fail".formatted(listener, what);
  }
}
