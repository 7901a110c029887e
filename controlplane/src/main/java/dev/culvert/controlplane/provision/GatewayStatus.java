// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.controlplane.status.StatusWriter;
import dev.culvert.controlplane.status.WantedStatus;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What is said of waypoints' Gateways and of their class: conditions and addresses. */
final class GatewayStatus {
  private static final ResourceDefinitionContext GATEWAYS = context("Gateway", "gateways", true);
  private static final ResourceDefinitionContext CLASSES =
      context("GatewayClass", "gatewayclasses", false);
  private static final Set<String> OF_GATEWAYS = Set.of("Accepted", "Programmed");
  private static final Set<String> OF_CLASSES = Set.of("Accepted");

  private final KubernetesClient client;
  private final StatusWriter writer;

  GatewayStatus(KubernetesClient client, StatusWriter writer) {
    this.client = client;
    this.writer = writer;
  }

  /** A GatewayClass, if it is there. */
  Optional<GenericKubernetesResource> gatewayClass(String name) {
    return Optional.ofNullable(client.genericKubernetesResources(CLASSES).withName(name).get());
  }

  void accept(GenericKubernetesResource gatewayClass, Shape shape) {
    Condition accepted =
        new Condition(
            "Accepted",
            true,
            "Accepted",
            "Culvert makes %s of each Gateway of this class".formatted(shape.what()));
    write(CLASSES, gatewayClass, WantedStatus.of(List.of(accepted), OF_CLASSES));
  }

  void write(String namespace, String name, Verdict verdict) {
    GenericKubernetesResource gateway =
        client.genericKubernetesResources(GATEWAYS).inNamespace(namespace).withName(name).get();
    if (gateway != null) {
      List<Map<String, String>> addresses =
          verdict.addresses().stream()
              .map(one -> Map.of("type", one.type(), "value", one.value()))
              .toList();
      write(
          GATEWAYS,
          gateway,
          WantedStatus.of(verdict.conditions(), OF_GATEWAYS).with("addresses", addresses));
    }
  }

  /** An interrupt is noticed by whoever waits next. */
  private void write(
      ResourceDefinitionContext kind, GenericKubernetesResource object, WantedStatus wanted) {
    try {
      StatusWriter.Outcome outcome = writer.write(kind, object, wanted);
      if (outcome == StatusWriter.Outcome.CONTENDED) {
        throw new IllegalStateException("somebody else writes its status all the time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static ResourceDefinitionContext context(String kind, String plural, boolean namespaced) {
    return new ResourceDefinitionContext.Builder()
        .withGroup("gateway.networking.k8s.io")
        .withVersion("v1")
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(namespaced)
        .build();
  }
}
