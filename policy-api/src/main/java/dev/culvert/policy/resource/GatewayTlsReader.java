// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.ListenerTls.Mode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the TLS of Gateways and of their listeners. */
final class GatewayTlsReader {
  private static final String SECRET = "Secret";
  private static final Map<String, Mode> MODES =
      Map.of("Terminate", Mode.TERMINATE, "Passthrough", Mode.PASSTHROUGH);
  private static final Map<String, Boolean> FALLBACK =
      Map.of("AllowValidOnly", false, "AllowInsecureFallback", true);

  private GatewayTlsReader() {}

  static ListenerTls listener(ObjectReader tls, String namespace) {
    return new ListenerTls(
        tls.choice("mode", MODES).orElse(Mode.TERMINATE),
        refs(tls, "certificateRefs", SECRET, namespace),
        tls.textMap("options"),
        validation(tls, "frontendValidation", namespace));
  }

  static GatewayTls gateway(ObjectReader tls, String namespace) {
    ObjectReader backend = tls.object("backend");
    ObjectReader frontend = tls.object("frontend");
    Map<Integer, Optional<ClientValidation>> byPort = new HashMap<>();
    for (ObjectReader one : frontend.objects("perPort")) {
      one.require("port", "write the port of a listener");
      byPort.put(
          one.integer("port", 0, 1, 65535), validation(one.object("tls"), "validation", namespace));
    }
    return new GatewayTls(
        backend.has("clientCertificateRef")
            ? Optional.of(ObjectRef.read(backend.object("clientCertificateRef"), SECRET, namespace))
            : Optional.empty(),
        validation(frontend.object("default"), "validation", namespace),
        byPort);
  }

  private static Optional<ClientValidation> validation(
      ObjectReader owner, String field, String namespace) {
    if (!owner.has(field)) {
      return Optional.empty();
    }
    ObjectReader written = owner.object(field);
    List<ObjectRef> authorities = refs(written, "caCertificateRefs", "", namespace);
    if (authorities.isEmpty()) {
      written.error("caCertificateRefs", "there is none", "name a ConfigMap with ca.crt");
    }
    return Optional.of(
        new ClientValidation(authorities, written.choice("mode", FALLBACK).orElse(false)));
  }

  private static List<ObjectRef> refs(
      ObjectReader owner, String field, String kind, String namespace) {
    return owner.objects(field).stream().map(ref -> ObjectRef.read(ref, kind, namespace)).toList();
  }
}
