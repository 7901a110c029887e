// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.culvert.policy.resource.ClientValidation;
import dev.culvert.policy.resource.ConfigMapResource;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ListenerTls;
import dev.culvert.policy.resource.ObjectRef;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.SecretResource;
import dev.culvert.waypoint.accept.TlsEnd;
import dev.culvert.waypoint.plan.ClientKey;
import dev.culvert.waypoint.route.Grants;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** The TLS contexts of listeners, from Secrets of type kubernetes.io/tls. */
final class Certificates {
  private static final ApplicationProtocolConfig HTTP =
      new ApplicationProtocolConfig(
          Protocol.ALPN,
          SelectorFailureBehavior.NO_ADVERTISE,
          SelectedListenerFailureBehavior.ACCEPT,
          ApplicationProtocolNames.HTTP_2,
          ApplicationProtocolNames.HTTP_1_1);

  private final Resources files;
  private final Grants grants;
  private final List<String> problems;

  Certificates(Resources files, Grants grants, List<String> problems) {
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
    boolean fallback = validation.filter(ClientValidation::insecureFallback).isPresent();
    try {
      return Optional.of(
          new TlsEnd.Here(
              context(pair.get(), clientAuthorities, fallback, bound.isHttp()),
              validation.isPresent() && !fallback));
    } catch (SSLException | IllegalArgumentException e) {
      return problem(
          name,
          "Secret %s/%s: tls.crt or tls.key cannot be used: %s"
              .formatted(ref.namespace(), ref.name(), e.getMessage()));
    }
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
        .resources(SecretResource.class)
        .filter(one -> one.metadata().name().equals(ref.name()))
        .filter(one -> one.metadata().namespace().equals(ref.namespace()))
        .findFirst()
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
    return files
        .resources(ConfigMapResource.class)
        .filter(one -> ref.group().isEmpty() && ref.kind().equals("ConfigMap"))
        .filter(one -> one.metadata().name().equals(ref.name()))
        .filter(one -> one.metadata().namespace().equals(ref.namespace()))
        .filter(one -> grants.allow(gateway.kind(), gateway.metadata().namespace(), ref))
        .findFirst()
        .flatMap(ConfigMapResource::authorities);
  }

  private Optional<TlsEnd.Here> problem(String listener, String what) {
    problems.add("listener %s: %s; its handshakes fail".formatted(listener, what));
    return Optional.empty();
  }

  /**
   * @param clientAuthorities empty when no certificate is asked for
   * @param fallback whether a client without a good one is let in all the same
   * @param http whether HTTP is spoken in it
   */
  private static SslContext context(
      ClientKey.Pem pair, List<String> clientAuthorities, boolean fallback, boolean http)
      throws SSLException {
    SslProvider provider = OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
    SslContextBuilder builder =
        SslContextBuilder.forServer(stream(pair.certificate()), stream(pair.key()));
    if (fallback) {
      builder.trustManager(InsecureTrustManagerFactory.INSTANCE).clientAuth(ClientAuth.OPTIONAL);
    } else if (!clientAuthorities.isEmpty()) {
      builder
          .trustManager(stream(String.join("\n", clientAuthorities)))
          .clientAuth(ClientAuth.REQUIRE);
    }
    return builder
        .sslProvider(provider)
        .protocols("TLSv1.3", "TLSv1.2")
        .applicationProtocolConfig(http ? HTTP : ApplicationProtocolConfig.DISABLED)
        .build();
  }

  private static ByteArrayInputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(US_ASCII));
  }
}
