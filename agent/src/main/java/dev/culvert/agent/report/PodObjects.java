// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.report;

import dev.culvert.policy.mesh.Enrolment;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;

/** Pods and their events as an API server keeps them. */
final class PodObjects {
  private static final String COMPONENT = "culvert-agent";
  private static final int INVALID = 422;

  private final KubernetesClient client;
  private final String node;

  PodObjects(KubernetesClient client, String node) {
    this.client = client;
    this.node = node;
  }

  /**
   * Sets the annotation, or takes it away, by the status of the pod: its spec is none of the
   * agent's business. The uid is a condition: what has the name by now may be another pod.
   */
  void annotate(PodReport pod) {
    Map<String, Object> annotations = new HashMap<>();
    annotations.put(
        Enrolment.REDIRECTION_ANNOTATION, pod.redirected() ? Enrolment.REDIRECTED : null);
    String patch =
        Serialization.asJson(
            Map.of("metadata", Map.of("uid", pod.uid(), "annotations", annotations)));
    // By name alone the client would get the pod first, which the agent's role does not allow.
    Pod named =
        new PodBuilder()
            .withNewMetadata()
            .withNamespace(pod.namespace())
            .withName(pod.name())
            .endMetadata()
            .build();
    ignoringGone(
        () ->
            client
                .pods()
                .resource(named)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), patch));
  }

  /** The same event has the same name: an agent that starts anew does not repeat the last one. */
  void record(PodReport pod, PodEvent event) {
    String id = "%s.%08x".formatted(pod.name(), (pod.uid() + event).hashCode());
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    Event object =
        new EventBuilder()
            .withNewMetadata()
            .withName(id)
            .withNamespace(pod.namespace())
            .endMetadata()
            .withNewInvolvedObject()
            .withApiVersion("v1")
            .withKind("Pod")
            .withNamespace(pod.namespace())
            .withName(pod.name())
            .withUid(pod.uid())
            .endInvolvedObject()
            .withType(event.type())
            .withReason(event.reason())
            .withMessage(event.message())
            .withNewSource(COMPONENT, node)
            .withReportingComponent(COMPONENT)
            .withReportingInstance(node)
            .withFirstTimestamp(now)
            .withLastTimestamp(now)
            .withCount(1)
            .build();
    ignoringGone(() -> client.v1().events().inNamespace(pod.namespace()).resource(object).create());
  }

  /** A pod or a namespace that ends meanwhile, another pod of that name, an event that is there. */
  private static void ignoringGone(Runnable request) {
    try {
      request.run();
    } catch (KubernetesClientException e) {
      boolean gone =
          e.getCode() == HttpURLConnection.HTTP_NOT_FOUND
              || e.getCode() == HttpURLConnection.HTTP_CONFLICT;
      boolean ending = e.getCode() == HttpURLConnection.HTTP_FORBIDDEN && isEnding(e);
      if (!gone && !ending && !isAnother(e)) {
        throw e;
      }
    }
  }

  /**
   * A patch with the uid of an earlier object is not in conflict with what is there, but invalid.
   */
  private static boolean isAnother(KubernetesClientException e) {
    return e.getCode() == INVALID && String.valueOf(e.getMessage()).contains("metadata.uid");
  }

  private static boolean isEnding(KubernetesClientException e) {
    return String.valueOf(e.getMessage()).contains("being terminated");
  }
}
