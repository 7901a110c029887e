// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.ExtensionProvider.Body;
import dev.culvert.policy.resource.ExtensionProvider.Grpc;
import dev.culvert.policy.resource.ExtensionProvider.Http;
import dev.culvert.policy.resource.ExtensionProvider.Protocol;
import dev.culvert.policy.resource.ExtensionProvider.ServiceAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads and checks those providers that decide on requests. */
final class ExtensionProviderReader {
  private static final String GRPC = "envoyExtAuthzGrpc";
  private static final String HTTP = "envoyExtAuthzHttp";

  /** Istio's. */
  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  private static final int FORBIDDEN = 403;
  private static final int MOST_BODY = 16 * 1024 * 1024;

  private ExtensionProviderReader() {}

  /** Empty for one that is for something else. */
  static Optional<ExtensionProvider> read(ObjectReader provider) {
    Optional<String> name = provider.parsed("name", Literals::some);
    if (provider.has(GRPC)) {
      ObjectReader grpc = provider.object(GRPC);
      return read(provider, name, grpc, new Grpc(List.of()));
    }
    if (provider.has(HTTP)) {
      ObjectReader http = provider.object(HTTP);
      return read(provider, name, http, http(http));
    }
    return Optional.empty();
  }

  private static Optional<ExtensionProvider> read(
      ObjectReader provider, Optional<String> name, ObjectReader fields, Protocol protocol) {
    provider.require("name", "policies name it by one");
    fields.require("service", "name the service, as NAME.NAMESPACE.svc.cluster.local");
    fields.require("port", "write the port of the service");
    int port = fields.integer("port", 1, 1, 65535);
    if (fields.flag("clearRouteCache", false)) {
      fields.error("clearRouteCache", "routes are found before it is asked", "remove it");
    }
    Optional<ServiceAddress> service = fields.parsed("service", text -> service(text, port));
    Duration timeout = fields.parsed("timeout", TimeSpans::positive).orElse(TIMEOUT);
    boolean failOpen = fields.flag("failOpen", false);
    int status = fields.parsed("statusOnError", ExtensionProviderReader::status).orElse(FORBIDDEN);
    Optional<Body> body =
        fields.has("includeRequestBodyInCheck")
            ? Optional.of(body(fields.object("includeRequestBodyInCheck")))
            : Optional.empty();
    // It decides who comes in: a field with a slip in its name could be what keeps people out.
    fields.refuseUnknown();
    return name.flatMap(
        known ->
            service.map(
                at -> new ExtensionProvider(known, at, timeout, failOpen, status, body, protocol)));
  }

  private static Body body(ObjectReader body) {
    body.require("maxRequestBytes", "write how many bytes it is told at most");
    return new Body(
        body.integer("maxRequestBytes", 1, 1, MOST_BODY),
        body.flag("allowPartialMessage", false),
        body.flag("packAsBytes", false));
  }

  private static Http http(ObjectReader http) {
    List<String> asked = fieldNames(http, "includeRequestHeadersInCheck");
    Map<String, String> added = new HashMap<>();
    http.textMap("includeAdditionalHeadersInCheck")
        .forEach((field, value) -> added.put(field.toLowerCase(Locale.ROOT), value));
    return new Http(
        http.text("pathPrefix", ""),
        asked.isEmpty() ? fieldNames(http, "includeHeadersInCheck") : asked,
        added,
        fieldNames(http, "headersToUpstreamOnAllow"),
        fieldNames(http, "headersToDownstreamOnDeny"),
        fieldNames(http, "headersToDownstreamOnAllow"));
  }

  private static List<String> fieldNames(ObjectReader http, String name) {
    return http.parsedItems(name, text -> Literals.pattern(text).toLowerCase(Locale.ROOT));
  }

  private static int status(String text) {
    if (!text.matches("[2-5][0-9]{2}")) {
      throw new InvalidValueException(
          "'%s' is no status".formatted(text), "write one such as \"503\"");
    }
    return Integer.parseInt(text);
  }

  /** {@code [NAMESPACE/]HOSTNAME}, of a service of the cluster. */
  private static ServiceAddress service(String text, int port) {
    String hostname = text.substring(text.indexOf('/') + 1);
    String[] labels = hostname.split("\\.", -1);
    boolean known = labels.length == 2 || (labels.length > 2 && labels[2].equals("svc"));
    if (!known || (text.contains("/") && !text.startsWith(labels[1] + "/"))) {
      throw new InvalidValueException(
          "'%s' is no service".formatted(text), "write NAME.NAMESPACE.svc.cluster.local");
    }
    return new ServiceAddress(Literals.namespace(labels[1]), Literals.name(labels[0]), port);
  }
}
