// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.AllowedRoutes.From;
import dev.culvert.policy.resource.AllowedRoutes.RouteKind;
import dev.culvert.policy.resource.ListenerTls.Mode;
import dev.culvert.policy.text.Spelling;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the listeners of Gateways. */
final class ListenerReader {
  private static final List<String> PROTOCOLS =
      List.of("HTTP", "HTTPS", "TLS", "TCP", "UDP", "HBONE");
  private static final Set<String> WITHOUT_HOST = Set.of("TCP", "UDP");
  private static final Set<String> WITHOUT_TLS = Set.of("HTTP", "TCP", "UDP");
  private static final String ROUTES = "gateway.networking.k8s.io";
  private static final Map<String, From> FROM =
      Map.of("All", From.ALL, "Same", From.SAME, "Selector", From.SELECTOR);

  private ListenerReader() {}

  static GatewayListener read(ObjectReader listener, String namespace) {
    for (String field : List.of("name", "port", "protocol")) {
      listener.require(field, "every listener has name, port and protocol");
    }
    String protocol = listener.parsed("protocol", ListenerReader::protocol).orElse("");
    if (WITHOUT_HOST.contains(protocol) && listener.has("hostname")) {
      listener.error("hostname", "protocol %s has none".formatted(protocol), "remove it");
    }
    return new GatewayListener(
        listener.parsed("name", Literals::name).orElse(""),
        listener.integer("port", 0, 1, 65535),
        protocol,
        listener.parsed("hostname", Literals::hostname).orElse(""),
        tls(listener, protocol, namespace),
        allowed(listener.object("allowedRoutes")));
  }

  private static String protocol(String text) {
    if (PROTOCOLS.contains(text) || text.contains("/")) {
      return text;
    }
    throw new InvalidValueException(
        "'%s' is no protocol".formatted(text),
        Spelling.nearest(text, PROTOCOLS)
            .map("did you mean '%s'?"::formatted)
            .orElse("write one of " + String.join(", ", PROTOCOLS)));
  }

  private static Optional<ListenerTls> tls(
      ObjectReader listener, String protocol, String namespace) {
    if (!listener.has("tls")) {
      if (protocol.equals("HTTPS")) {
        listener.error("tls", "protocol HTTPS needs it", "add tls.certificateRefs");
      }
      return Optional.empty();
    }
    if (WITHOUT_TLS.contains(protocol)) {
      listener.error("tls", "protocol %s has none".formatted(protocol), "remove it");
    }
    ObjectReader written = listener.object("tls");
    ListenerTls tls = GatewayTlsReader.listener(written, namespace);
    if (protocol.equals("HTTPS") && tls.mode() == Mode.PASSTHROUGH) {
      written.error("mode", "protocol HTTPS ends TLS here", "write Terminate, or protocol TLS");
    }
    return Optional.of(tls);
  }

  /** Nobody may add any unless it is said. */
  static Optional<AllowedRoutes> allowedListeners(ObjectReader written) {
    ObjectReader namespaces = written.object("namespaces");
    Map<String, Optional<From>> words = new HashMap<>();
    words.put("None", Optional.empty());
    FROM.forEach((word, from) -> words.put(word, Optional.of(from)));
    Optional<From> from = namespaces.choice("from", words).flatMap(one -> one);
    if (from.equals(Optional.of(From.SELECTOR)) && !namespaces.has("selector")) {
      namespaces.error("selector", "'from: Selector' needs it", "add it, or write Same or All");
    }
    LabelSelector selector = LabelSelectorReader.read(namespaces.object("selector"));
    return from.map(one -> new AllowedRoutes(one, selector, List.of()));
  }

  private static AllowedRoutes allowed(ObjectReader written) {
    ObjectReader namespaces = written.object("namespaces");
    From from = namespaces.choice("from", FROM).orElse(From.SAME);
    if (from == From.SELECTOR && !namespaces.has("selector")) {
      namespaces.error("selector", "'from: Selector' needs it", "add it, or write Same or All");
    }
    return new AllowedRoutes(
        from,
        LabelSelectorReader.read(namespaces.object("selector")),
        written.objects("kinds").stream().map(ListenerReader::kind).toList());
  }

  private static RouteKind kind(ObjectReader kind) {
    kind.require("kind", "name the kind, such as HTTPRoute");
    return new RouteKind(kind.text("group", ROUTES), kind.text("kind", ""));
  }
}
