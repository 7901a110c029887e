// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.admission;

import dev.culvert.policy.resource.ResourceKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What an API server asks before it stores an object (AdmissionReview of admission.k8s.io/v1).
 *
 * @param kind empty when it is none that is read here
 * @param object as it would be stored
 * @param specStays whether it says what it said before, as when only a finalizer goes
 */
record Review(
    String uid, Optional<ResourceKind> kind, GenericKubernetesResource object, boolean specStays) {
  static final String API_VERSION = "admission.k8s.io/v1";
  static final String KIND = "AdmissionReview";

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when it is none
   */
  static Review parse(String json, KubernetesSerialization serialization) {
    Map<?, ?> review = unmarshal(json, serialization);
    if (!API_VERSION.equals(review.get("apiVersion")) || !KIND.equals(review.get("kind"))) {
      throw new IllegalArgumentException(
          "it is no %s of %s: name v1 in admissionReviewVersions".formatted(KIND, API_VERSION));
    }
    if (!(review.get("request") instanceof Map<?, ?> request)
        || !(request.get("uid") instanceof String uid)
        || !(request.get("object") instanceof Map<?, ?> object)) {
      throw new IllegalArgumentException(
          "it has no request with uid and object: ask about CREATE and UPDATE only");
    }
    GenericKubernetesResource written =
        serialization.convertValue(object, GenericKubernetesResource.class);
    complete(written, request);
    boolean specStays =
        request.get("oldObject") instanceof Map<?, ?> before
            && Objects.equals(before.get("spec"), object.get("spec"));
    return new Review(uid, kind(written), written, specStays);
  }

  /** What the API server fills in later, or may have left to the path of the request. */
  private static void complete(GenericKubernetesResource object, Map<?, ?> request) {
    if (object.getMetadata() == null) {
      object.setMetadata(new ObjectMeta());
    }
    ObjectMeta metadata = object.getMetadata();
    if (metadata.getName() == null) {
      metadata.setName(Objects.requireNonNullElse(metadata.getGenerateName(), "") + "new");
    }
    if (metadata.getNamespace() == null && request.get("namespace") instanceof String namespace) {
      metadata.setNamespace(namespace);
    }
  }

  private static Optional<ResourceKind> kind(GenericKubernetesResource object) {
    return ResourceKind.all().stream()
        .filter(kind -> kind.name().equals(object.getKind()))
        .filter(
            kind ->
                kind.versions().stream()
                    .anyMatch(version -> kind.apiVersion(version).equals(object.getApiVersion())))
        .findFirst();
  }

  private static Map<?, ?> unmarshal(String json, KubernetesSerialization serialization) {
    try {
      Map<?, ?> review = serialization.unmarshal(json, Map.class);
      return review == null ? Map.of() : review;
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("it is no JSON", e);
    }
  }
}
