// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * An API server over real HTTP, as far as the command asks it: lists by label, server-side apply,
 * merge patches, deletions. Workloads are complete at once unless told otherwise.
 */
public final class TestCluster implements AutoCloseable {
  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  private static final Answer NOT_FOUND =
      new Answer(
          404, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"code\":404,\"reason\":\"NotFound\"}");

  private static final Answer FORBIDDEN =
      new Answer(
          403, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"code\":403,\"reason\":\"Forbidden\"}");

  private final HttpServer http;
  private final Map<String, Map<String, Object>> objects = new TreeMap<>();
  private final List<String> requests = new ArrayList<>();
  private final Set<String> groups = new TreeSet<>();
  private final Set<String> refused = new TreeSet<>();
  private boolean rollsOut = true;
  private String version = "v1.36.1";

  public TestCluster() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/", this::serve);
    http.start();
  }

  /** A kubeconfig that names it. */
  public Path kubeconfig(Path folder) throws IOException {
    String yaml =
        """
        apiVersion: v1
        kind: Config
        current-context: test
        clusters: [{name: test, cluster: {server: "http://127.0.0.1:%d"}}]
        contexts: [{name: test, context: {cluster: test, user: test}}]
        users: [{name: test, user: {}}]
        """
            .formatted(http.getAddress().getPort());
    return Files.writeString(folder.resolve("kubeconfig"), yaml);
  }

  /** Installs an API group. */
  public synchronized void installGroup(String group) {
    groups.add(group);
  }

  public synchronized void setVersion(String gitVersion) {
    version = gitVersion;
  }

  /** From now on nobody may have anything of a collection. */
  public synchronized void refuse(String collection) {
    refused.add(collection);
  }

  /** From now on workloads stay without a ready pod. */
  public synchronized void holdRollouts() {
    rollsOut = false;
  }

  /** Puts an object there, with its status. */
  public synchronized void put(String collection, HasMetadata object) {
    objects.put(
        key(collection, object.getMetadata().getNamespace(), object.getMetadata().getName()),
        map(JSON.asJson(object)));
  }

  /** The same from YAML. */
  public void put(String collection, String yaml) {
    // Without the mark, what begins with a brace would be read as JSON.
    put(collection, JSON.unmarshal("---\n" + yaml, GenericKubernetesResource.class));
  }

  /** {@code plural namespace/name} of what is there, {@code -} for no namespace. */
  public synchronized Set<String> names() {
    return new TreeSet<>(objects.keySet());
  }

  /** Every change that was asked for, in order. */
  public synchronized List<String> changes() {
    return requests.stream().filter(request -> !request.startsWith("GET")).toList();
  }

  public synchronized HasMetadata get(String collection, String namespace, String name) {
    Map<String, Object> found = objects.get(key(collection, namespace, name));
    return found == null ? null : JSON.convertValue(found, GenericKubernetesResource.class);
  }

  @Override
  public void close() {
    http.stop(0);
  }

  private static String key(String collection, String namespace, String name) {
    return "%s %s/%s".formatted(collection, namespace == null ? "-" : namespace, name);
  }

  /** What a path of the API names. */
  private record Target(String apiVersion, String collection, String namespace, String name) {
    static Target parse(String path) {
      List<String> parts = new ArrayList<>(Arrays.asList(path.substring(1).split("/", -1)));
      int start = parts.getFirst().equals("api") ? 2 : 3;
      List<String> rest = parts.subList(start, parts.size());
      boolean namespaced = rest.size() >= 3 && rest.getFirst().equals("namespaces");
      String namespace = namespaced ? rest.get(1) : null;
      List<String> own = namespaced ? rest.subList(2, rest.size()) : rest;
      return new Target(
          String.join("/", parts.subList(1, start)),
          own.getFirst(),
          namespace,
          own.size() > 1 ? own.get(1) : null);
    }

    String key() {
      return TestCluster.key(collection, namespace, name);
    }
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      Answer answer = answer(exchange, body);
      byte[] bytes = answer.body().getBytes(UTF_8);
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(answer.status(), bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private record Answer(int status, String body) {}

  private synchronized Answer answer(HttpExchange exchange, String body) {
    String path = exchange.getRequestURI().getPath();
    String method = exchange.getRequestMethod();
    if (path.equals("/version")) {
      String minor = version.split("\\.", -1)[1];
      return new Answer(
          200,
          "{\"major\":\"1\",\"minor\":\"%s\",\"gitVersion\":\"%s\"}".formatted(minor, version));
    }
    if (path.equals("/apis") || path.equals("/apis/")) {
      return new Answer(200, groupList());
    }
    if (path.matches("/apis/[^/]+/?")) {
      return group(path.split("/", -1)[2]);
    }
    Target target = Target.parse(path);
    requests.add(method + " " + target.key());
    if (refused.contains(target.collection())) {
      return FORBIDDEN;
    }
    return switch (method) {
      case "GET" -> target.name() == null ? list(target, exchange) : found(target);
      case "PATCH" -> patch(target, exchange, body);
      case "DELETE" -> {
        Answer answer = found(target);
        objects.remove(target.key());
        yield answer;
      }
      default -> new Answer(405, "{}");
    };
  }

  private String groupList() {
    List<Object> all = new ArrayList<>();
    groups.forEach(name -> all.add(Map.of("name", name, "versions", List.of())));
    return JSON.asJson(Map.of("kind", "APIGroupList", "apiVersion", "v1", "groups", all));
  }

  private Answer group(String name) {
    return groups.contains(name)
        ? new Answer(
            200,
            JSON.asJson(
                Map.of(
                    "kind", "APIGroup", "apiVersion", "v1", "name", name, "versions", List.of())))
        : NOT_FOUND;
  }

  private Answer found(Target target) {
    Map<String, Object> object = objects.get(target.key());
    return object == null ? NOT_FOUND : new Answer(200, JSON.asJson(object));
  }

  private Answer list(Target target, HttpExchange exchange) {
    String query = exchange.getRequestURI().getQuery();
    List<Object> items = new ArrayList<>();
    objects.forEach(
        (key, object) -> {
          String prefix = target.collection() + " ";
          String inside = target.namespace() == null ? prefix : prefix + target.namespace() + "/";
          boolean served = target.apiVersion().equals(object.get("apiVersion"));
          if (served && key.startsWith(inside) && selects(query, object)) {
            items.add(object);
          }
        });
    return new Answer(
        200,
        JSON.asJson(
            Map.of("kind", "List", "apiVersion", "v1", "metadata", Map.of(), "items", items)));
  }

  private static boolean selects(String query, Map<String, Object> object) {
    Map<String, Object> labels = child(child(object, "metadata"), "labels");
    if (query == null || !query.contains("labelSelector=")) {
      return true;
    }
    String selector = query.replaceFirst(".*labelSelector=", "").replaceFirst("&.*", "");
    return Arrays.stream(selector.split(",", -1))
        .map(each -> each.split("=", 2))
        .allMatch(each -> each[1].equals(labels.get(each[0])));
  }

  private Answer patch(Target target, HttpExchange exchange, String body) {
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    Map<String, Object> object = objects.getOrDefault(target.key(), new LinkedHashMap<>());
    if (type.startsWith("application/apply-patch")) {
      object = map(body);
      child(object, "metadata").put("generation", 1);
      if (rollsOut) {
        object.put("status", complete(object));
      }
    } else {
      merge(object, map(body));
    }
    objects.put(target.key(), object);
    return new Answer(200, JSON.asJson(object));
  }

  /** As a controller that has done all of its work. */
  private static Map<String, Object> complete(Map<String, Object> object) {
    Object replicas = child(object, "spec").getOrDefault("replicas", 2);
    return Map.of(
        "observedGeneration", 1,
        "replicas", replicas,
        "updatedReplicas", replicas,
        "availableReplicas", replicas,
        "desiredNumberScheduled", 2,
        "updatedNumberScheduled", 2,
        "numberAvailable", 2);
  }

  @SuppressWarnings("unchecked") // objects of JSON
  private static Map<String, Object> child(Map<String, Object> object, String key) {
    return (Map<String, Object>) object.computeIfAbsent(key, _ -> new LinkedHashMap<>());
  }

  private static void merge(Map<String, Object> object, Map<String, Object> patch) {
    patch.forEach(
        (key, value) -> {
          if (value == null) {
            object.remove(key);
          } else if (value instanceof Map<?, ?>) {
            merge(child(object, key), child(patch, key));
          } else {
            object.put(key, value);
          }
        });
  }

  @SuppressWarnings("unchecked") // an object of JSON
  private static Map<String, Object> map(String json) {
    return new LinkedHashMap<>((Map<String, Object>) JSON.unmarshal(json, Map.class));
  }
}
