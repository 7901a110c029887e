// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.controlplane.source.kubernetes.ApiServer;
import dev.culvert.controlplane.status.StatusWriter.Outcome;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Status on an API server that others write to as well. */
@Timeout(60)
class StatusWriterTest {
  private static final String GROUP = "gateway.networking.k8s.io";
  private static final String API = GROUP + "/v1";
  private static final ResourceDefinitionContext ROUTES =
      new ResourceDefinitionContext.Builder()
          .withGroup(GROUP)
          .withVersion("v1")
          .withKind("HTTPRoute")
          .withPlural("httproutes")
          .withNamespaced(true)
          .build();
  private static final String ROUTE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: store, namespace: shop}
      spec:
        parentRefs: [{name: door}]
        rules: [{backendRefs: [{name: %s, port: 80}]}]
      """;
  private static final Map<String, Object> DOOR = Map.of("name", "door");
  private static final Set<String> OWN = Set.of("Accepted", "PartiallyInvalid");

  private ApiServer server;
  private KubernetesClient client;
  private boolean leads = true;
  private Instant now = Instant.parse("2026-11-27T01:00:00.5Z");
  private StatusWriter writer;

  @BeforeEach
  void open() throws Exception {
    server = new ApiServer();
    server.apply(ROUTE.formatted("v1"));
    client = server.client();
    writer = new StatusWriter(client, () -> leads, new WritePace(Duration.ZERO, 1), () -> now);
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void conditionIsWrittenWithItsGeneration() throws Exception {
    assertThat(write(accepted(true, "Accepted"))).isEqualTo(Outcome.WRITTEN);
    assertThat(conditions())
        .containsExactly(
            Map.of(
                "type", "Accepted",
                "status", "True",
                "reason", "Accepted",
                "message", "text",
                "lastTransitionTime", "2026-11-27T01:00:00Z",
                "observedGeneration", 1));
  }

  @Test
  void whatIsSaidAlreadyIsNotWritten() throws Exception {
    write(accepted(true, "Accepted"));
    String version = route().getMetadata().getResourceVersion();
    now = now.plusSeconds(100);
    assertThat(write(accepted(true, "Accepted"))).isEqualTo(Outcome.SAME);
    assertThat(route().getMetadata().getResourceVersion()).isEqualTo(version);
  }

  @Test
  void timeIsThatOfTheLastChangeOfWhatHolds() throws Exception {
    write(accepted(false, "One"));
    now = now.plusSeconds(100);
    write(accepted(false, "Other"));
    assertThat(conditions().getFirst())
        .containsEntry("reason", "Other")
        .containsEntry("lastTransitionTime", "2026-11-27T01:00:00Z");
    write(accepted(true, "Accepted"));
    assertThat(conditions().getFirst()).containsEntry("lastTransitionTime", "2026-11-27T01:01:40Z");
  }

  @Test
  void newGenerationIsSaidAnew() throws Exception {
    write(accepted(true, "Accepted"));
    server.apply(ROUTE.formatted("v2"));
    assertThat(write(accepted(true, "Accepted"))).isEqualTo(Outcome.WRITTEN);
    assertThat(conditions().getFirst()).containsEntry("observedGeneration", 2);
  }

  @Test
  void conditionsOfOthersStayWhereTheyAre() throws Exception {
    report(Map.of("conditions", List.of(others("Theirs"), others("Accepted"))));
    write(accepted(true, "Accepted"));
    assertThat(conditions())
        .extracting(one -> one.get("type") + " " + one.get("reason"))
        .containsExactly("Theirs Other", "Accepted Accepted");
  }

  @Test
  void conditionThatIsNotWantedAnyMoreGoes() throws Exception {
    report(Map.of("conditions", List.of(others("PartiallyInvalid"), others("Theirs"))));
    write(accepted(true, "Accepted"));
    assertThat(conditions())
        .extracting(one -> one.get("type"))
        .containsExactly("Theirs", "Accepted");
  }

  @Test
  void entriesOfOtherControllersStay() throws Exception {
    Map<String, Object> theirs =
        Map.of("parentRef", DOOR, "controllerName", "example.com/gateway", "conditions", List.of());
    Map<String, Object> old =
        Map.of(
            "parentRef", Map.of("name", "gone"),
            "controllerName", "culvert.dev/gateway-controller",
            "conditions", List.of());
    report(Map.of("parents", List.of(old, theirs)));
    writer.write(
        ROUTES,
        route(),
        WantedStatus.ofParents(
            List.of(
                new ParentStatus(
                    DOOR, "culvert.dev/gateway-controller", List.of(accepted(true, "Accepted"))))));
    List<Map<String, Object>> parents = route().get("status", "parents");
    assertThat(parents)
        .extracting(one -> one.get("controllerName"))
        .containsExactly("example.com/gateway", "culvert.dev/gateway-controller");
    assertThat(parents.getFirst()).isEqualTo(theirs);
    assertThat(parents.getLast()).containsEntry("parentRef", DOOR);
  }

  @Test
  void conditionsOfOthersInAListenerStay() throws Exception {
    report(
        Map.of(
            "listeners",
            List.of(
                Map.of(
                    "name",
                    "web",
                    "supportedKinds",
                    List.of(),
                    "attachedRoutes",
                    0,
                    "conditions",
                    List.of(others("Theirs"), others("OverlappingTLSConfig"))))));
    writer.write(
        ROUTES,
        route(),
        WantedStatus.of(List.of(), Set.of())
            .with(
                List.of(
                    new ListenerStatus("web", List.of(), 1, List.of(accepted(true, "Accepted"))))));
    assertThat(route().<Object>get("status", "listeners", 0, "attachedRoutes")).isEqualTo(1);
    List<Map<String, Object>> conditions = route().get("status", "listeners", 0, "conditions");
    assertThat(conditions)
        .as("of ours only those that are wanted")
        .extracting(one -> one.get("type") + " " + one.get("reason"))
        .containsExactly("Theirs Other", "Accepted Accepted");
  }

  @Test
  void ancestorsOfAPolicyAreEntriesLikeParents() throws Exception {
    Map<String, Object> theirs =
        Map.of(
            "ancestorRef", DOOR, "controllerName", "example.com/gateway", "conditions", List.of());
    report(Map.of("ancestors", List.of(theirs)));
    WantedStatus wanted =
        WantedStatus.ofAncestors(
            List.of(
                new ParentStatus(
                    DOOR, "culvert.dev/gateway-controller", List.of(accepted(true, "Accepted")))));
    assertThat(writer.write(ROUTES, route(), wanted)).isEqualTo(Outcome.WRITTEN);
    List<Map<String, Object>> ancestors = route().get("status", "ancestors");
    assertThat(ancestors.getFirst()).isEqualTo(theirs);
    assertThat(ancestors.getLast())
        .containsEntry("ancestorRef", DOOR)
        .containsEntry("controllerName", "culvert.dev/gateway-controller");
    assertThat(writer.write(ROUTES, route(), wanted)).isEqualTo(Outcome.SAME);
  }

  @Test
  void whatSomebodyWroteMeanwhileIsNotLost() throws Exception {
    GenericKubernetesResource old = route();
    report(Map.of("conditions", List.of(others("Theirs"))));
    assertThat(writer.write(ROUTES, old, wanted(accepted(true, "Accepted"))))
        .isEqualTo(Outcome.WRITTEN);
    assertThat(conditions())
        .extracting(one -> one.get("type"))
        .containsExactly("Theirs", "Accepted");
  }

  @Test
  void whoIsAlwaysOvertakenGivesUpForNow() throws Exception {
    List<String> writes = new ArrayList<>();
    server.beforePatches(
        () -> {
          writes.add("other");
          report(Map.of("conditions", List.of(others("Theirs" + writes.size()))));
        });
    assertThat(write(accepted(true, "Accepted"))).isEqualTo(Outcome.CONTENDED);
    assertThat(writes).hasSize(5);
    server.beforePatches(() -> {});
    assertThat(write(accepted(true, "Accepted"))).isEqualTo(Outcome.WRITTEN);
  }

  @Test
  void objectThatIsGoneIsLeft() throws Exception {
    GenericKubernetesResource old = route();
    server.delete(API, "httproutes", "shop", "store");
    assertThat(writer.write(ROUTES, old, wanted(accepted(true, "Accepted"))))
        .isEqualTo(Outcome.GONE);
  }

  @Test
  void anotherObjectOfTheNameIsNotWrittenTo() throws Exception {
    GenericKubernetesResource old = route();
    server.delete(API, "httproutes", "shop", "store");
    server.apply(ROUTE.formatted("v1"));
    assertThat(writer.write(ROUTES, old, wanted(accepted(true, "Accepted"))))
        .isEqualTo(Outcome.GONE);
    assertThat(route().getAdditionalProperties()).doesNotContainKey("status");
  }

  @Test
  void whoLostTheLeaseWritesNothing() throws Exception {
    leads = false;
    assertThat(write(accepted(true, "Accepted"))).isEqualTo(Outcome.NOT_LEADING);
    assertThat(route().getAdditionalProperties()).doesNotContainKey("status");
  }

  @Test
  void leaseLostBetweenTwoAttemptsEndsThem() throws Exception {
    server.beforePatches(
        () -> {
          leads = false;
          report(Map.of("conditions", List.of(others("Theirs"))));
        });
    assertThat(write(accepted(true, "Accepted"))).isEqualTo(Outcome.NOT_LEADING);
    assertThat(conditions()).extracting(one -> one.get("type")).containsExactly("Theirs");
  }

  @Test
  void refusalIsToldToTheCaller() {
    GenericKubernetesResource known = route();
    for (int code : List.of(403, 429, 500)) {
      server.refuse("httproutes", code);
      assertThatExceptionOfType(KubernetesClientException.class)
          .isThrownBy(() -> writer.write(ROUTES, known, wanted(accepted(true, "Accepted"))))
          .satisfies(e -> assertThat(e.getCode()).isEqualTo(code));
    }
  }

  @Test
  void specIsNeverTouched() throws Exception {
    Object spec = route().get("spec");
    write(accepted(true, "Accepted"));
    assertThat(route().<Object>get("spec")).isEqualTo(spec);
  }

  private Outcome write(Condition... conditions) throws InterruptedException {
    return writer.write(ROUTES, route(), wanted(conditions));
  }

  private static WantedStatus wanted(Condition... conditions) {
    return WantedStatus.of(List.of(conditions), OWN);
  }

  private static Condition accepted(boolean holds, String reason) {
    return new Condition("Accepted", holds, reason, "text");
  }

  private static Map<String, Object> others(String type) {
    return Map.of(
        "type", type,
        "status", "True",
        "reason", "Other",
        "message", "",
        "lastTransitionTime", "2020-01-01T00:00:00Z");
  }

  private void report(Map<String, Object> status) {
    server.report(API, "httproutes", "shop", "store", status);
  }

  private GenericKubernetesResource route() {
    return client.genericKubernetesResources(ROUTES).inNamespace("shop").withName("store").get();
  }

  private List<Map<String, Object>> conditions() {
    return route().get("status", "conditions");
  }
}
