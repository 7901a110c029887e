// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What is leaned on here of an API server, asked of one over HTTP. The kind AuthorizationPolicy of
 * policy.culvert.dev is installed in it, and no policy is in its namespace {@code default}.
 */
@Timeout(60)
abstract class ApiServerRules {
  private static final String GROUP = "/apis/policy.culvert.dev/v1alpha1";
  private static final String ALL = GROUP + "/namespaces/default/authorizationpolicies";
  private static final String JSON = "application/json";
  private static final String MERGE = "application/merge-patch+json";
  private static final String APPLY = "application/apply-patch+yaml";

  abstract String url();

  abstract HttpClient http();

  abstract KubernetesClient client();

  abstract void stop();

  @AfterEach
  void clear() throws Exception {
    for (Map<String, Object> one : items(get(ALL))) {
      String name = (String) ((Map<?, ?>) one.get("metadata")).get("name");
      send("DELETE", ALL + "/" + name, JSON, "");
    }
    http().close();
    stop();
  }

  @Test
  void nameIsTakenOnce() throws Exception {
    assertThat(create("one", "{}").statusCode()).isEqualTo(201);
    assertThat(create("one", "{}").statusCode()).isEqualTo(409);
  }

  @Test
  void versionThatIsNotTheNewestIsAConflict() throws Exception {
    create("one", "{}");
    GenericKubernetesResource old = find("one");
    assertThat(put(old).statusCode()).isEqualTo(200);
    GenericKubernetesResource changed = find("one");
    changed.getMetadata().setLabels(Map.of("a", "b"));
    assertThat(put(changed).statusCode()).isEqualTo(200);
    assertThat(put(old).statusCode()).isEqualTo(409);
  }

  @Test
  void writeThatChangesNothingMakesNoVersion() throws Exception {
    create("one", "{}");
    GenericKubernetesResource before = find("one");
    assertThat(put(before).statusCode()).isEqualTo(200);
    assertThat(version(find("one"))).isEqualTo(version(before));
  }

  @Test
  void statusIsWrittenByItsSubresourceOnly() throws Exception {
    send("POST", ALL, JSON, policy(name("one"), "{}", ", " + status("Accepted")));
    assertThat(find("one").<Object>get("status", "conditions")).isNull();
    assertThat(patchStatus("one", status("Accepted")).statusCode()).isEqualTo(200);
    assertThat(find("one").<Object>get("status", "conditions", 0, "reason")).isEqualTo("Accepted");
    GenericKubernetesResource edited = find("one");
    edited.setAdditionalProperty("status", Map.of());
    edited.getMetadata().setLabels(Map.of("a", "b"));
    put(edited);
    assertThat(find("one").<Object>get("status", "conditions", 0, "reason")).isEqualTo("Accepted");
  }

  /** Of custom resources its uid is not looked at: versions are of the whole store. */
  @Test
  void patchOfAStatusHoldsForOneVersion() throws Exception {
    create("one", "{}");
    GenericKubernetesResource seen = find("one");
    assertThat(patchStatus("one", precondition(seen) + "," + status("First")).statusCode())
        .isEqualTo(200);
    assertThat(patchStatus("one", precondition(seen) + "," + status("Second")).statusCode())
        .isEqualTo(409);
    assertThat(find("one").<Object>get("status", "conditions", 0, "reason")).isEqualTo("First");
    send("DELETE", ALL + "/one", JSON, "");
    assertThat(patchStatus("one", precondition(seen) + "," + status("Third")).statusCode())
        .isEqualTo(404);
    create("one", "{}");
    assertThat(patchStatus("one", precondition(seen) + "," + status("Fourth")).statusCode())
        .isEqualTo(409);
  }

  @Test
  void patchOfAStatusTouchesNothingElse() throws Exception {
    create("one", "{}");
    String more = "\"spec\": {\"action\": \"DENY\"}, \"metadata\": {\"labels\": {\"a\": \"b\"}}, ";
    assertThat(patchStatus("one", more + status("First")).statusCode()).isEqualTo(200);
    assertThat(find("one").<Object>get("spec", "action")).isNull();
    assertThat(find("one").<Object>get("status", "conditions", 0, "reason")).isEqualTo("First");
  }

  @Test
  void generationCountsWhatAnObjectIsToldToBe() throws Exception {
    create("one", "{}");
    assertThat(find("one").getMetadata().getGeneration()).isEqualTo(1);
    patchStatus("one", status("First"));
    patch("one", "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}");
    assertThat(find("one").getMetadata().getGeneration()).isEqualTo(1);
    patch("one", "{\"spec\": {\"action\": \"DENY\"}}");
    assertThat(find("one").getMetadata().getGeneration()).isEqualTo(2);
  }

  @Test
  void listComesInPagesOfOneVersion() throws Exception {
    for (String name : List.of("a", "b", "c", "d", "e")) {
      create(name, "{}");
    }
    List<String> names = new ArrayList<>();
    Map<String, Object> page = map(get(ALL + "?limit=2"));
    String version = (String) meta(page).get("resourceVersion");
    create("late", "{}");
    names.addAll(names(page));
    while (meta(page).get("continue") instanceof String more && !more.isEmpty()) {
      page = map(get(ALL + "?limit=2&continue=" + more));
      assertThat(meta(page).get("resourceVersion")).isEqualTo(version);
      names.addAll(names(page));
    }
    assertThat(names).containsExactly("a", "b", "c", "d", "e");
  }

  @Test
  void watchBeginsAfterItsVersion() throws Exception {
    create("before", "{}");
    String version = (String) meta(map(get(ALL))).get("resourceVersion");
    create("one", "{}");
    patch("one", "{\"spec\": {\"action\": \"DENY\"}}");
    send("DELETE", ALL + "/one", JSON, "");
    assertThat(watched("resourceVersion=" + version, 3))
        .containsExactly("ADDED one", "MODIFIED one", "DELETED one");
  }

  @Test
  void oneNameCanBeListedAndWatchedAlone() throws Exception {
    create("one", "{}");
    create("two", "{}");
    String only = "fieldSelector=metadata.name%3Dtwo";
    Map<String, Object> list = map(get(ALL + "?" + only));
    assertThat(names(list)).containsExactly("two");
    patch("one", "{\"spec\": {\"action\": \"DENY\"}}");
    patch("two", "{\"spec\": {\"action\": \"DENY\"}}");
    assertThat(watched(only + "&resourceVersion=" + meta(list).get("resourceVersion"), 1))
        .containsExactly("MODIFIED two");
  }

  @Test
  void kindThatIsNotInstalledIsNotFound() throws Exception {
    assertThat(get("/apis/nobody.example/v1").statusCode()).isEqualTo(404);
    assertThat(get("/apis/nobody.example/v1/things").statusCode()).isEqualTo(404);
    assertThat(get(GROUP + "/things").statusCode()).isEqualTo(404);
    assertThat(get(GROUP).body()).contains("authorizationpolicies/status");
  }

  @Test
  void appliedFieldIsTakenByForceOnly() throws Exception {
    assertThat(apply("me", "", "one", "DENY", "").statusCode()).isEqualTo(201);
    assertThat(apply("me", "", "one", "ALLOW", "").statusCode()).isEqualTo(200);
    assertThat(apply("other", "", "one", "DENY", "").statusCode()).isEqualTo(409);
    assertThat(find("one").<Object>get("spec", "action")).isEqualTo("ALLOW");
    assertThat(apply("other", "&force=true", "one", "DENY", "").statusCode()).isEqualTo(200);
    assertThat(find("one").<Object>get("spec", "action")).isEqualTo("DENY");
  }

  @Test
  void writeForAnotherObjectOfTheNameIsRefused() throws Exception {
    apply("me", "", "one", "DENY", "");
    String uid = "\"uid\": \"3c0d1c9c-0000-4000-8000-000000000000\"";
    HttpResponse<String> refused = apply("me", "&force=true", "one", "ALLOW", uid + ", ");
    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(refused.body()).contains("metadata.uid", "field is immutable");
    assertThat(patch("one", "{\"metadata\": {%s}}".formatted(uid)).statusCode()).isEqualTo(422);
    assertThat(apply("me", "", "absent", "ALLOW", uid + ", ").statusCode()).isEqualTo(409);
    assertThat(find("one").<Object>get("spec", "action")).isEqualTo("DENY");
  }

  @Test
  void applyLeavesWhatOthersWroteAndTakesBackItsOwn() throws Exception {
    apply("me", "", "one", "DENY", "\"labels\": {\"mine\": \"x\"}, ");
    patch("one", "{\"metadata\": {\"labels\": {\"theirs\": \"y\"}}}");
    apply("me", "", "one", "DENY", "");
    assertThat(find("one").getMetadata().getLabels()).isEqualTo(Map.of("theirs", "y"));
  }

  /** By our own informer, through fabric8's client. */
  @Test
  void kindIsFollowed() throws Exception {
    create("one", "{}");
    ResourceKind kind =
        ResourceKind.all().stream()
            .filter(one -> one.toString().equals("AuthorizationPolicy.policy.culvert.dev"))
            .findFirst()
            .orElseThrow();
    ResourceInbox inbox = new ResourceInbox();
    KindStore store = new KindStore(kind, inbox, Sightings.NONE);
    try (KubernetesClient client = client();
        KindWatch watch = KindWatch.start(client, kind, store, Duration.ofMillis(100))) {
      watch.settled().get(30, TimeUnit.SECONDS);
      inbox.open();
      assertThat(inbox.take().put()).extracting(one -> one.key().name()).containsExactly("one");
      create("two", "{}");
      inbox.await();
      assertThat(inbox.take().put()).extracting(one -> one.key().name()).containsExactly("two");
      send("DELETE", ALL + "/one", JSON, "");
      inbox.await();
      assertThat(inbox.take().removed()).extracting(ResourceKey::name).containsExactly("one");
    }
  }

  private static String version(GenericKubernetesResource object) {
    return object.getMetadata().getResourceVersion();
  }

  private static String policy(String metadata, String spec, String more) {
    return """
    {"apiVersion": "policy.culvert.dev/v1alpha1", "kind": "AuthorizationPolicy",
     "metadata": {"namespace": "default", %s}, "spec": %s%s}
    """
        .formatted(metadata, spec, more);
  }

  private static String name(String name) {
    return "\"name\": \"%s\"".formatted(name);
  }

  private static String status(String reason) {
    return """
    "status": {"conditions": [{"type": "Accepted", "status": "True", "reason": "%s", "message": "m",
      "lastTransitionTime": "2026-01-01T00:00:00Z"}]}
    """
        .formatted(reason);
  }

  private static String precondition(GenericKubernetesResource seen) {
    return "\"metadata\": {\"uid\": \"%s\", \"resourceVersion\": \"%s\"}"
        .formatted(seen.getMetadata().getUid(), version(seen));
  }

  private HttpResponse<String> create(String name, String spec) throws Exception {
    return send("POST", ALL, JSON, policy(name(name), spec, ""));
  }

  private HttpResponse<String> put(GenericKubernetesResource object) throws Exception {
    return send("PUT", ALL + "/" + object.getMetadata().getName(), JSON, Reply.JSON.asJson(object));
  }

  private HttpResponse<String> patch(String name, String patch) throws Exception {
    return send("PATCH", ALL + "/" + name, MERGE, patch);
  }

  private HttpResponse<String> patchStatus(String name, String fields) throws Exception {
    return send("PATCH", ALL + "/" + name + "/status", MERGE, "{" + fields + "}");
  }

  private HttpResponse<String> apply(
      String manager, String query, String name, String action, String metadata) throws Exception {
    String body = policy(metadata + name(name), "{\"action\": \"%s\"}".formatted(action), "");
    return send("PATCH", ALL + "/" + name + "?fieldManager=" + manager + query, APPLY, body);
  }

  private GenericKubernetesResource find(String name) throws Exception {
    return Reply.JSON.unmarshal(get(ALL + "/" + name).body(), GenericKubernetesResource.class);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send("GET", path, JSON, "");
  }

  private HttpResponse<String> send(String method, String path, String type, String body)
      throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + path))
            .header("Content-Type", type)
            .method(method, BodyPublishers.ofString(body))
            .build();
    return http().send(request, BodyHandlers.ofString());
  }

  /** The first events of a watch. */
  private List<String> watched(String query, int count) throws Exception {
    URI uri = URI.create("%s%s?watch=true&%s".formatted(url(), ALL, query));
    var answer = http().send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofInputStream());
    List<String> events = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      while (events.size() < count) {
        Map<?, ?> event = Reply.JSON.unmarshal(lines.readLine(), Map.class);
        Map<?, ?> object = (Map<?, ?>) event.get("object");
        events.add(event.get("type") + " " + ((Map<?, ?>) object.get("metadata")).get("name"));
      }
    }
    return events;
  }

  @SuppressWarnings("unchecked") // an object
  private static Map<String, Object> map(HttpResponse<String> answer) {
    return Reply.JSON.unmarshal(answer.body(), Map.class);
  }

  @SuppressWarnings("unchecked") // as every list
  private static Map<String, Object> meta(Map<String, Object> list) {
    return (Map<String, Object>) list.get("metadata");
  }

  private static List<Map<String, Object>> items(HttpResponse<String> answer) {
    return items(map(answer));
  }

  @SuppressWarnings("unchecked") // as every list
  private static List<Map<String, Object>> items(Map<String, Object> list) {
    return (List<Map<String, Object>>) list.get("items");
  }

  private static List<String> names(Map<String, Object> list) {
    return items(list).stream()
        .map(one -> (String) ((Map<?, ?>) one.get("metadata")).get("name"))
        .toList();
  }
}
