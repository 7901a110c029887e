// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Requests for one object: read, made, replaced, applied, patched, deleted. */
final class ObjectRequests {
  private static final String NOT_AS_IT_SHOULD_BE = "not as it should be";

  private final ObjectStore store;
  private final Map<String, String> appliers = new HashMap<>();
  private Runnable beforePatch = () -> {};

  ObjectRequests(ObjectStore store) {
    this.store = store;
  }

  /** What happens while each patch is on its way. */
  void beforePatches(Runnable action) {
    synchronized (store) {
      beforePatch = action;
    }
  }

  Reply answer(HttpExchange exchange, ApiPath path) throws IOException, InterruptedException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    String method = exchange.getRequestMethod();
    String type = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"));
    if (type.startsWith("application/merge-patch")) {
      return patch(path, known -> Patches.merged(known, body));
    }
    if (type.startsWith("application/json-patch")) {
      return patch(path, known -> Patches.edited(known, body));
    }
    if (body.isEmpty() || method.equals("DELETE")) {
      return withoutBody(method, path);
    }
    GenericKubernetesResource sent = Reply.JSON.unmarshal(body, GenericKubernetesResource.class);
    Optional<Reply> refused =
        path.subresource().isEmpty() ? refusedByWebhook(exchange, path, sent) : Optional.empty();
    return refused.isPresent()
        ? refused.get()
        : write(method, type.startsWith("application/apply-patch"), path, sent);
  }

  private Reply withoutBody(String method, ApiPath path) {
    synchronized (store) {
      String key = ObjectStore.key(path.namespace(), path.name());
      Optional<GenericKubernetesResource> known = store.find(path.collection(), key);
      int code = known.isPresent() ? code(method, known.get(), known.get()) : 404;
      if (code < 300 && method.equals("DELETE")) {
        appliers.remove(path.collection() + key);
        store.delete(path.collection(), key);
      }
      return code < 300 ? Reply.of(code, known.get()) : Reply.failure(code, NOT_AS_IT_SHOULD_BE);
    }
  }

  private Reply write(
      String method, boolean applied, ApiPath path, GenericKubernetesResource sent) {
    synchronized (store) {
      String name = path.name().isEmpty() ? sent.getMetadata().getName() : path.name();
      String key = ObjectStore.key(path.namespace(), name);
      GenericKubernetesResource known = store.find(path.collection(), key).orElse(null);
      int code = applied ? applyCode(path, key, known, sent) : code(method, known, sent);
      if (code >= 300) {
        return Reply.failure(code, NOT_AS_IT_SHOULD_BE);
      }
      GenericKubernetesResource next = applied ? merged(path, known, sent) : sent;
      store.store(path.collection(), next);
      return Reply.of(code, next);
    }
  }

  /** What a patch makes of an object; empty when it cannot be applied. */
  private interface Patch {
    Optional<GenericKubernetesResource> of(GenericKubernetesResource known);
  }

  /** A patch of what is there; through a subresource it changes that and nothing else. */
  private Reply patch(ApiPath path, Patch patch) {
    synchronized (store) {
      beforePatch.run();
      GenericKubernetesResource known =
          store
              .find(path.collection(), ObjectStore.key(path.namespace(), path.name()))
              .orElse(null);
      if (known == null) {
        return Reply.failure(404, NOT_AS_IT_SHOULD_BE);
      }
      Optional<GenericKubernetesResource> next = patch.of(known);
      int code = next.map(one -> code("PUT", known, one)).orElse(422);
      if (code != 200 || !known.getMetadata().getUid().equals(next.get().getMetadata().getUid())) {
        return Reply.failure(code == 200 ? 409 : code, NOT_AS_IT_SHOULD_BE);
      }
      GenericKubernetesResource patched = merged(path, known, next.get());
      store.store(path.collection(), patched);
      return Reply.of(200, patched);
    }
  }

  /** Why a webhook does not let it in; what they warn of is in the header. */
  private Optional<Reply> refusedByWebhook(
      HttpExchange exchange, ApiPath path, GenericKubernetesResource sent)
      throws IOException, InterruptedException {
    String key = ObjectStore.key(path.namespace(), sent.getMetadata().getName());
    WebhookCalls.Outcome outcome =
        WebhookCalls.ask(
            store.all("admissionregistration.k8s.io/v1/validatingwebhookconfigurations"),
            path,
            sent,
            store.find(path.collection(), key).orElse(null));
    outcome
        .warnings()
        .forEach(one -> exchange.getResponseHeaders().add("Warning", WebhookCalls.header(one)));
    return outcome.code() == 200
        ? Optional.empty()
        : Optional.of(Reply.failure(outcome.code(), outcome.message()));
  }

  /** A uid that is sent must be that of the object, and what is others' is theirs unless forced. */
  private int applyCode(
      ApiPath path, String key, GenericKubernetesResource known, GenericKubernetesResource sent) {
    String uid = sent.getMetadata().getUid();
    if (uid != null && (known == null || !uid.equals(known.getMetadata().getUid()))) {
      return 409;
    }
    if (!path.subresource().isEmpty()) {
      return known == null ? 404 : 200;
    }
    String applier = path.query("fieldManager");
    boolean foreign = known != null && !applier.equals(appliers.get(path.collection() + key));
    if (foreign && !path.query("force").equals("true")) {
      return 409;
    }
    appliers.put(path.collection() + key, applier);
    return known == null ? 201 : 200;
  }

  /** A status is written by its subresource and by nothing else. */
  private static GenericKubernetesResource merged(
      ApiPath path, GenericKubernetesResource known, GenericKubernetesResource sent) {
    if (known == null) {
      return sent;
    }
    boolean status = path.subresource().equals("status");
    GenericKubernetesResource from = status ? sent : known;
    GenericKubernetesResource next =
        Reply.JSON.unmarshal(
            Reply.JSON.asJson(status ? known : sent), GenericKubernetesResource.class);
    next.setAdditionalProperty("status", from.getAdditionalProperties().get("status"));
    return next;
  }

  private static int code(
      String method, GenericKubernetesResource known, GenericKubernetesResource sent) {
    if (method.equals("POST")) {
      return known == null ? 201 : 409;
    }
    if (method.equals("PATCH")) {
      return known == null ? 201 : 200;
    }
    if (known == null) {
      return 404;
    }
    ObjectMeta metadata = sent.getMetadata();
    String wanted = metadata.getResourceVersion();
    return wanted == null || wanted.equals(known.getMetadata().getResourceVersion()) ? 200 : 409;
  }
}
