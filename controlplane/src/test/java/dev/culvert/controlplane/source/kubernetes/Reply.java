// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** What a request is answered with. */
record Reply(int code, String body) {
  static final KubernetesSerialization JSON = new KubernetesSerialization();

  static Reply of(int code, Object body) {
    return new Reply(code, JSON.asJson(body));
  }

  /** A Status of kind Failure. */
  static Reply failure(int code, String message) {
    Map<String, Object> status = new HashMap<>();
    status.put("kind", "Status");
    status.put("apiVersion", "v1");
    status.put("metadata", Map.of());
    status.put("status", "Failure");
    status.put("message", message);
    status.put("code", code);
    return of(code, status);
  }

  static Reply notFound() {
    return failure(404, "the server could not find the requested resource");
  }

  void send(HttpExchange exchange) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
