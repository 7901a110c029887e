// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.source;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Lists and watches of pods and namespaces, as an API server has them, over real HTTP; a single
 * object may nobody get, as the agent's role has it.
 */
public final class TestApi implements AutoCloseable {
  private static final String END = "";

  private final HttpServer server;
  private final Map<String, Map<String, String>> objects = new LinkedHashMap<>();
  private final List<Watch> watches = new CopyOnWriteArrayList<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> written = new CopyOnWriteArrayList<>();
  private final Set<String> events = ConcurrentHashMap.newKeySet();
  private volatile int refusing;
  private int version = 1;

  private final List<Event> history = new ArrayList<>();

  /** What happened, and the version that it made. */
  private record Event(String kind, int version, String line) {}

  private record Watch(String kind, BlockingQueue<String> events) {}

  public TestApi() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/api/v1/", this::answer);
    server.start();
  }

  /** A kubeconfig that names it. */
  public Path kubeconfig(Path folder) throws IOException {
    return Files.writeString(
        folder.resolve("kubeconfig"),
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: test, cluster: {server: "http://127.0.0.1:%d"}}]
        users: [{name: agent, user: {token: secret}}]
        contexts: [{name: test, context: {cluster: test, user: agent}}]
        current-context: test
        """
            .formatted(server.getAddress().getPort()));
  }

  /** What was asked for, path and query. */
  List<String> asked() {
    return asked;
  }

  /** Answers everything with that status from now on; 0 serves again. */
  void refuse(int status) {
    refusing = status;
  }

  /** Ends all watches, as an API server does now and then. */
  void dropWatches() {
    watches.forEach(watch -> watch.events.add(END));
    watches.clear();
  }

  /** Puts an object, whose metadata ends with a place for its version. */
  public synchronized void put(String kind, String name, String json) {
    String whole = json.replace("$VERSION", Integer.toString(++version));
    boolean known =
        objects.computeIfAbsent(kind, _ -> new LinkedHashMap<>()).put(name, whole) != null;
    tell(kind, known ? "MODIFIED" : "ADDED", whole);
  }

  public synchronized void delete(String kind, String name) {
    version++;
    tell(kind, "DELETED", objects.get(kind).remove(name));
  }

  private void tell(String kind, String type, String json) {
    String event = "{\"type\":\"%s\",\"object\":%s}\n".formatted(type, json);
    history.add(new Event(kind, version, event));
    watches.stream().filter(one -> one.kind.equals(kind)).forEach(one -> one.events.add(event));
  }

  /** What was written, {@code METHOD PATH BODY}. */
  public List<String> written() {
    return written;
  }

  private void write(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    written.add("%s %s %s".formatted(exchange.getRequestMethod(), path, body));
    Optional<String> answer =
        exchange.getRequestMethod().equals("PATCH") ? patched(path, body) : created(body);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    byte[] bytes = answer.orElse("{}").getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer.isPresent() ? 200 : 409, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  /** Merges annotations into a pod; empty when the pod of that name has another uid. */
  private synchronized Optional<String> patched(String path, String body) {
    String name = path.replaceFirst(".*/pods/([^/]+)/status", "$1");
    JsonObject pod = JsonParser.parseString(objects.get("pods").get(name)).getAsJsonObject();
    JsonObject patch = JsonParser.parseString(body).getAsJsonObject().getAsJsonObject("metadata");
    JsonObject meta = pod.getAsJsonObject("metadata");
    if (!patch.get("uid").equals(meta.get("uid"))) {
      return Optional.empty();
    }
    JsonObject annotations =
        meta.has("annotations") ? meta.getAsJsonObject("annotations") : new JsonObject();
    for (Map.Entry<String, JsonElement> each : patch.getAsJsonObject("annotations").entrySet()) {
      if (each.getValue().isJsonNull()) {
        annotations.remove(each.getKey());
      } else {
        annotations.add(each.getKey(), each.getValue());
      }
    }
    meta.add("annotations", annotations);
    meta.addProperty("resourceVersion", "$VERSION");
    put("pods", name, pod.toString());
    return Optional.of(objects.get("pods").get(name));
  }

  /** Empty when there is an object of that name. */
  private Optional<String> created(String body) {
    String name =
        JsonParser.parseString(body)
            .getAsJsonObject()
            .getAsJsonObject("metadata")
            .get("name")
            .getAsString();
    return events.add(name) ? Optional.of(body) : Optional.empty();
  }

  private void answer(HttpExchange exchange) throws IOException {
    if (refusing == 0 && !exchange.getRequestMethod().equals("GET")) {
      write(exchange);
      return;
    }
    URI uri = exchange.getRequestURI();
    asked.add(uri.toString());
    String kind = uri.getPath().substring("/api/v1/".length());
    boolean watch = Optional.ofNullable(uri.getQuery()).orElse("").contains("watch=true");
    boolean single = kind.indexOf('/') >= 0;
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    if (refusing != 0 || single) {
      exchange.sendResponseHeaders(single ? 403 : refusing, -1);
      exchange.close();
    } else if (watch) {
      stream(exchange, watch(kind, uri.getQuery()));
    } else {
      byte[] list = list(kind).getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, list.length);
      exchange.getResponseBody().write(list);
      exchange.close();
    }
  }

  private synchronized String list(String kind) {
    String items = String.join(",", objects.getOrDefault(kind, Map.of()).values());
    return "{\"apiVersion\":\"v1\",\"kind\":\"%s\",\"metadata\":{\"resourceVersion\":\"%d\"},\"items\":[%s]}"
        .formatted(kind.equals("pods") ? "PodList" : "NamespaceList", version, items);
  }

  /** With what happened since the version that is asked for. */
  private synchronized Watch watch(String kind, String query) {
    int since = Integer.parseInt(query.replaceFirst("(^|.*&)resourceVersion=(\\d+).*", "$2"));
    Watch watch = new Watch(kind, new LinkedBlockingQueue<>());
    history.stream()
        .filter(event -> event.kind.equals(kind) && event.version > since)
        .forEach(event -> watch.events.add(event.line));
    watches.add(watch);
    return watch;
  }

  private void stream(HttpExchange exchange, Watch watch) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      out.flush();
      for (String event = watch.events.take(); !event.equals(END); event = watch.events.take()) {
        out.write(event.getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      watches.remove(watch);
    }
  }

  @Override
  public void close() {
    dropWatches();
    server.stop(0);
  }
}
