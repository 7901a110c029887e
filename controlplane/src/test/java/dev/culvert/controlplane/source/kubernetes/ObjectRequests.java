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
import java.util.regex.Pattern;

/** Requests for one object: read, made, replaced, applied, patched, deleted. */
final class ObjectRequests {
  private static final String NOT_AS_IT_SHOULD_BE = "not as it should be";
  private static final String OTHER_UID = "metadata.uid: Invalid value: field is immutable";

  private static final Pattern CUSTOM =
      Pattern.compile(
          "(policy\\.culvert\\.dev|.*\\.istio\\.io|gateway\\.networking\\.k8s\\.io)/.*");

  private final ObjectStore store;
  private final Map<String, FieldOwners> owners = new HashMap<>();
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
        owners.remove(path.collection() + key);
        store.delete(path.collection(), key);
      }
      return code < 300 ? Reply.of(code, known.get()) : Reply.failure(code, NOT_AS_IT_SHOULD_BE);
    }
  }

  private Reply write(
      String method, boolean applied, ApiPath path, GenericKubernetesResource sent) {
    synchronized (store) {
      String name = path.name().isEmpty() ? sent.getMetadata().getName() : path.name();
      GenericKubernetesResource known =
          store.find(path.collection(), ObjectStore.key(path.namespace(), name)).orElse(null);
      int code = applied ? applyCode(path, known, sent) : code(method, known, sent);
      if (code >= 300) {
        return Reply.failure(code, code == 422 ? OTHER_UID : NOT_AS_IT_SHOULD_BE);
      }
      Optional<GenericKubernetesResource> next =
          applied ? applied(path, known, sent) : Optional.of(merged(path, known, sent));
      return next.map(one -> stored(code, path, known, one))
          .orElseGet(() -> Reply.failure(409, NOT_AS_IT_SHOULD_BE));
    }
  }

  /** What changes nothing makes no version. */
  private Reply stored(
      int code, ApiPath path, GenericKubernetesResource known, GenericKubernetesResource next) {
    if (known != null) {
      next.getMetadata().setGeneration(known.getMetadata().getGeneration());
      next.getMetadata().setResourceVersion(known.getMetadata().getResourceVersion());
      if (Patches.map(known).equals(Patches.map(next))) {
        return Reply.of(code, known);
      }
      owners(path, next).changed(Patches.map(known), Patches.map(next), path.query("fieldManager"));
    }
    store.store(path.collection(), next);
    return Reply.of(code, next);
  }

  private FieldOwners owners(ApiPath path, GenericKubernetesResource object) {
    String key = ObjectStore.key(path.namespace(), object.getMetadata().getName());
    return owners.computeIfAbsent(path.collection() + key, _ -> new FieldOwners());
  }

  /** Empty when a field is another's, and not forced. */
  private Optional<GenericKubernetesResource> applied(
      ApiPath path, GenericKubernetesResource known, GenericKubernetesResource sent) {
    if (!path.subresource().isEmpty()) {
      return Optional.of(merged(path, known, sent));
    }
    sent.getAdditionalProperties().remove("status");
    return owners(path, sent)
        .apply(
            path.query("fieldManager"),
            path.query("force").equals("true"),
            known == null ? Map.of() : Patches.map(known),
            Patches.map(sent))
        .map(Patches::object);
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
      if (code != 200) {
        return Reply.failure(code, NOT_AS_IT_SHOULD_BE);
      }
      boolean other = !known.getMetadata().getUid().equals(next.get().getMetadata().getUid());
      if (other && (path.subresource().isEmpty() || !isCustom(path))) {
        return Reply.failure(422, OTHER_UID);
      }
      return stored(200, path, known, merged(path, known, next.get()));
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

  /** What a patch of the status of a custom resource says of its metadata is not looked at. */
  private static boolean isCustom(ApiPath path) {
    return CUSTOM.matcher(path.groupVersion()).matches();
  }

  /** A uid that is sent must be that of the object. */
  private static int applyCode(
      ApiPath path, GenericKubernetesResource known, GenericKubernetesResource sent) {
    String uid = sent.getMetadata().getUid();
    if (known == null) {
      int absent = uid == null ? 201 : 409;
      return path.subresource().isEmpty() ? absent : 404;
    }
    return uid == null || uid.equals(known.getMetadata().getUid()) ? 200 : 422;
  }

  /** A status is written by a subresource and by nothing else. */
  private static GenericKubernetesResource merged(
      ApiPath path, GenericKubernetesResource known, GenericKubernetesResource sent) {
    boolean status = !path.subresource().isEmpty();
    GenericKubernetesResource next = Patches.object(Patches.map(status ? known : sent));
    GenericKubernetesResource from = status ? sent : known;
    Object said = from == null ? null : from.getAdditionalProperties().get("status");
    if (said == null) {
      next.getAdditionalProperties().remove("status");
    } else {
      next.setAdditionalProperty("status", said);
    }
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
