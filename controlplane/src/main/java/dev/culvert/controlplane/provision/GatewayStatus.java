// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.controlplane.status.StatusWriter;
import dev.culvert.controlplane.status.WantedStatus;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is said of waypoints' Gateways and of their class: conditions and addresses. */
final class GatewayStatus {
  private static final ResourceDefinitionContext GATEWAYS = context("Gateway", "gateways", true);
  private static final ResourceDefinitionContext CLASSES =
      context("GatewayClass", "gatewayclasses", false);
  private static final ResourceDefinitionContext DEFINITIONS =
      new ResourceDefinitionContext.Builder()
          .withGroup("apiextensions.k8s.io")
          .withVersion("v1")
          .withKind("CustomResourceDefinition")
          .withPlural("customresourcedefinitions")
          .withNamespaced(false)
          .build();
  private static final String ACCEPTED = "Accepted";
  private static final Set<String> OF_GATEWAYS = Set.of(ACCEPTED, "Programmed");
  private static final Set<String> OF_CLASSES = Set.of(ACCEPTED, "SupportedVersion");

  private final KubernetesClient client;
  private final StatusWriter writer;

  GatewayStatus(KubernetesClient client, StatusWriter writer) {
    this.client = client;
    this.writer = writer;
  }

  /** All GatewayClasses, whose ever they are. */
  List<GenericKubernetesResource> gatewayClasses() {
    try {
      return client.genericKubernetesResources(CLASSES).list().getItems();
    } catch (KubernetesClientException e) {
      if (e.getCode() == 404) {
        return List.of();
      }
      throw e;
    }
  }

  /** That of the kinds that are installed; none is said when it may not be read. */
  GatewayApiVersion version() {
    try {
      GenericKubernetesResource kind =
          client
              .genericKubernetesResources(DEFINITIONS)
              .withName("gatewayclasses.gateway.networking.k8s.io")
              .get();
      Map<String, String> said = kind == null ? null : kind.getMetadata().getAnnotations();
      return new GatewayApiVersion(
          said == null ? "" : said.getOrDefault(GatewayApiVersion.ANNOTATION, ""));
    } catch (KubernetesClientException e) {
      if (e.getCode() == 403) {
        return new GatewayApiVersion("");
      }
      throw e;
    }
  }

  void accept(GenericKubernetesResource gatewayClass, Shape shape, GatewayApiVersion version) {
    Condition accepted =
        new Condition(
            ACCEPTED,
            true,
            ACCEPTED,
            "Culvert makes %s of each Gateway of this class".formatted(shape.what()));
    WantedStatus wanted = WantedStatus.of(List.of(accepted, version.condition()), OF_CLASSES);
    write(
        CLASSES,
        gatewayClass,
        version.isSupported()
            ? wanted.with(
                "supportedFeatures",
                shape.features().stream().map(name -> Map.of("name", name)).toList())
            : wanted);
  }

  /** Of a class that somebody else made for a controller of ours. */
  void refuse(GenericKubernetesResource gatewayClass, Shape shape) {
    Condition refused =
        new Condition(
            ACCEPTED,
            false,
            "Unsupported",
            "the class of %s is called %s, and no other is served: name that one in gatewayClassName"
                .formatted(shape.controller(), shape.className()));
    write(CLASSES, gatewayClass, WantedStatus.of(List.of(refused), OF_CLASSES));
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
