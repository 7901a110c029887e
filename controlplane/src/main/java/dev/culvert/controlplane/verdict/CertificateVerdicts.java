// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.ClientValidation;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.ListenerTls;
import dev.culvert.policy.resource.ObjectRef;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether what a Gateway proves itself by, and knows others by, may be named and is there. */
final class CertificateVerdicts {
  private static final String GATEWAY_API = "gateway.networking.k8s.io";
  private static final String NO_BACKEND_CERTIFICATE = "InvalidClientCertificateRef";

  private final MeshObjects mesh;
  private final ListenerOwner owner;
  private final boolean stored;

  /**
   * @param stored whether the owner is; what only others name is not read, and may be there
   */
  CertificateVerdicts(MeshObjects mesh, ListenerOwner owner, boolean stored) {
    this.stored = stored;
    this.mesh = mesh;
    this.owner = owner;
  }

  /** What of a listener's TLS cannot be resolved; the first that cannot decides. */
  Optional<Condition> problem(GatewayListener listener) {
    if (!endsTls(listener)) {
      return Optional.empty();
    }
    List<ObjectRef> named = listener.tls().map(ListenerTls::certificates).orElse(List.of());
    if (named.isEmpty()) {
      return Optional.of(
          invalid("InvalidCertificateRef", "it names no certificate: add tls.certificateRefs"));
    }
    return Stream.concat(
            named.stream().flatMap(ref -> problem(ref).stream()),
            authorities(listener).stream().flatMap(ref -> authorityProblem(ref).stream()))
        .findFirst();
  }

  /** Why nobody could be let in, where all authorities of clients are missing. */
  Optional<Condition> noAuthority(GatewayListener listener) {
    List<ObjectRef> authorities = endsTls(listener) ? authorities(listener) : List.of();
    List<Condition> problems =
        authorities.stream().flatMap(ref -> authorityProblem(ref).stream()).toList();
    return problems.isEmpty() || problems.size() < authorities.size()
        ? Optional.empty()
        : Optional.of(Say.no(Say.ACCEPTED, "NoValidCACertificate", problems.getFirst().message()));
  }

  /** Whether what a Gateway shows to backends is there; empty when it shows nothing. */
  Optional<Condition> forBackends() {
    return owner
        .gateway()
        .tls()
        .backendCertificate()
        .map(
            ref ->
                backendProblem(ref)
                    .orElse(Say.yes(Say.RESOLVED_REFS, "ResolvedRefs", "what it names is there")));
  }

  private Optional<Condition> backendProblem(ObjectRef certificate) {
    String field = "tls.backend.clientCertificateRef";
    if (!certificate.kind().equals("Secret") || !certificate.group().isEmpty()) {
      return Optional.of(
          invalid(
              NO_BACKEND_CERTIFICATE,
              "%s: a %s holds no certificate: name a Secret".formatted(field, certificate.kind())));
    }
    return forbidden(field, "Gateway", owner.gateway().metadata().namespace(), certificate)
        .or(
            () ->
                missing(field, certificate)
                    .map(
                        text ->
                            invalid(
                                NO_BACKEND_CERTIFICATE,
                                text + "; backends that TLS is spoken to get nothing")));
  }

  /** Told as long as clients are let in that prove nothing (Gateway API, GEP-91). */
  Optional<Condition> insecure(List<GatewayListener> listeners) {
    List<String> open =
        listeners.stream()
            .filter(CertificateVerdicts::endsTls)
            .filter(
                one ->
                    owner
                        .gateway()
                        .clientValidation(one)
                        .filter(ClientValidation::insecureFallback)
                        .isPresent())
            .map(GatewayListener::name)
            .toList();
    return open.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Say.yes(
                Say.INSECURE_CLIENTS,
                "ConfigurationChanged",
                "mode AllowInsecureFallback lets clients without a good certificate in, at listener %s"
                    .formatted(String.join(", ", open))));
  }

  private static boolean endsTls(GatewayListener listener) {
    return listener.tls().filter(tls -> tls.mode() == ListenerTls.Mode.TERMINATE).isPresent();
  }

  private List<ObjectRef> authorities(GatewayListener listener) {
    return owner
        .gateway()
        .clientValidation(listener)
        .map(ClientValidation::authorities)
        .orElse(List.of());
  }

  private Optional<Condition> problem(ObjectRef certificate) {
    if (!certificate.kind().equals("Secret") || !certificate.group().isEmpty()) {
      return Optional.of(
          invalid(
              "InvalidCertificateRef",
              "certificateRefs: a %s holds no certificate: name a Secret"
                  .formatted(certificate.kind())));
    }
    return forbidden("certificateRefs", owner.resource().kind(), owner.namespace(), certificate)
        .or(
            () ->
                missing("certificateRefs", certificate)
                    .map(text -> invalid("InvalidCertificateRef", text)));
  }

  /** They are the Gateway's to name, whoever has the listener. */
  private Optional<Condition> authorityProblem(ObjectRef authority) {
    String field = "caCertificateRefs of clients";
    if (!authority.kind().equals("ConfigMap") || !authority.group().isEmpty()) {
      return Optional.of(
          invalid(
              "InvalidCACertificateKind",
              "%s: a %s is not read for that: name a ConfigMap with ca.crt"
                  .formatted(field, authority.kind())));
    }
    return forbidden(field, "Gateway", owner.gateway().metadata().namespace(), authority)
        .or(() -> missing(field, authority).map(text -> invalid("InvalidCACertificateRef", text)));
  }

  private Optional<Condition> forbidden(
      String field, String kind, String namespace, ObjectRef named) {
    return mesh.permits(GATEWAY_API, kind, namespace, named)
        ? Optional.empty()
        : Optional.of(
            invalid(
                "RefNotPermitted",
                "%s: no ReferenceGrant of namespace %s lets a %s of %s name %s %s"
                    .formatted(
                        field, named.namespace(), kind, namespace, named.kind(), named.name())));
  }

  private Optional<String> missing(String field, ObjectRef named) {
    return stored || mesh.isCertificateThere(named)
        ? mesh.certificateProblem(named).map(text -> field + ": " + text)
        : Optional.empty();
  }

  private static Condition invalid(String reason, String message) {
    return Say.no(Say.RESOLVED_REFS, reason, message);
  }
}
