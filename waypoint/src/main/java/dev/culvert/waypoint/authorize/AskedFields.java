// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import dev.culvert.waypoint.exchange.Exchange;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The header fields of a request as a provider is told them: one value for each name. */
final class AskedFields {
  private static final String FORWARDED_FOR = "x-forwarded-for";

  private AskedFields() {}

  /** In lower case; where the request comes from is as its backend would be told. */
  static Map<String, String> of(Exchange exchange, Provider.Told body) {
    Map<String, String> fields = new LinkedHashMap<>();
    HttpHeaders headers = exchange.head().headers();
    for (Map.Entry<String, String> field : headers) {
      fields.merge(
          field.getKey().toLowerCase(Locale.ROOT),
          field.getValue(),
          (one, other) -> one + "," + other);
    }
    String client = exchange.connection().client().getAddress().getHostAddress();
    fields.merge(FORWARDED_FOR, client, (told, seen) -> told + ", " + seen);
    fields.put("x-forwarded-proto", exchange.connection().secure() ? "https" : "http");
    if (body.isTold()) {
      fields.put("x-envoy-auth-partial-body", Boolean.toString(body.partial()));
    }
    return fields;
  }
}
