// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.culvert.policy.resource.ResourceKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * An API server over real HTTP that keeps to what Kubernetes documents: lists in pages, watches
 * that start after a resourceVersion, bookmarks, 410 for one that is too old, 409 for one that is
 * not the newest, Status bodies. It can be told to misbehave.
 */
public final class ApiServer implements AutoCloseable {
  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, TreeMap<String, GenericKubernetesResource>> objects = new HashMap<>();
  private final Map<String, Kind> kinds = new HashMap<>();
  private final Set<String> installed = new HashSet<>();
  private final List<Event> events = new ArrayList<>();
  private final Map<String, Integer> refusals = new ConcurrentHashMap<>();
  private final Map<String, Integer> refusedWrites = new ConcurrentHashMap<>();
  private final Map<String, Token> tokens = new ConcurrentHashMap<>();
  private final Map<String, List<String>> selections = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> requests = new ConcurrentHashMap<>();
  private final Map<String, String> appliers = new HashMap<>();
  private final int port;
  private HttpServer http;
  private long version = 100;
  private long oldest;
  private Runnable beforePatch = () -> {};
  private int watchGeneration;
  private boolean held;
  private boolean rollsOut;
  private String bound = "";
  private String role = "";
  private final List<String> forbidden = new ArrayList<>();
  private volatile boolean deafToAudiences;

  /**
   * A token of a ServiceAccount.
   *
   * @param account {@code NAMESPACE:NAME}
   * @param pod empty when it is bound to none
   */
  public record Token(String account, String audience, String pod, String uid, String node) {}

  private record Kind(String apiVersion, String name, boolean namespaced) {}

  private record Event(long version, String collection, String type, String key, String object) {}

  /** A server that has the built-in kinds, and no objects. */
  public ApiServer() throws IOException {
    for (ResourceKind kind : ResourceKind.all()) {
      kind.versions()
          .forEach(version -> declare(kind.apiVersion(version), kind.name(), kind.namespaced()));
      if (ServedKind.isBuiltIn(kind)) {
        installed.add(collection(kind.apiVersion("v1"), plural(kind.name())));
      }
    }
    declare("coordination.k8s.io/v1", "Lease", true);
    declare("v1", "Secret", true);
    declare("v1", "ConfigMap", true);
    declare("v1", "ServiceAccount", true);
    declare("apps/v1", "Deployment", true);
    declare("autoscaling/v2", "HorizontalPodAutoscaler", true);
    declare("policy/v1", "PodDisruptionBudget", true);
    declare("gateway.networking.k8s.io/v1", "GatewayClass", false);
    declare("certificates.k8s.io/v1", "CertificateSigningRequest", false);
    declare("events.k8s.io/v1", "Event", true);
    declare("apps/v1", "DaemonSet", true);
    declare("networking.k8s.io/v1", "NetworkPolicy", true);
    declare("v1", "ResourceQuota", true);
    declare("rbac.authorization.k8s.io/v1", "Role", true);
    declare("rbac.authorization.k8s.io/v1", "RoleBinding", true);
    declare("rbac.authorization.k8s.io/v1", "ClusterRole", false);
    declare("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", false);
    declare("apiextensions.k8s.io/v1", "CustomResourceDefinition", false);
    declare("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", false);
    installed.addAll(
        Set.of(
            "certificates.k8s.io/v1/certificatesigningrequests",
            "coordination.k8s.io/v1/leases",
            "v1/secrets",
            "v1/configmaps",
            "v1/serviceaccounts",
            "apps/v1/deployments",
            "autoscaling/v2/horizontalpodautoscalers",
            "policy/v1/poddisruptionbudgets",
            "events.k8s.io/v1/events",
            "apps/v1/daemonsets",
            "networking.k8s.io/v1/networkpolicies",
            "v1/resourcequotas",
            "rbac.authorization.k8s.io/v1/roles",
            "rbac.authorization.k8s.io/v1/rolebindings",
            "rbac.authorization.k8s.io/v1/clusterroles",
            "rbac.authorization.k8s.io/v1/clusterrolebindings",
            "admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
            "apiextensions.k8s.io/v1/customresourcedefinitions"));
    http = listen(0);
    port = http.getAddress().getPort();
  }

  private void declare(String apiVersion, String kind, boolean namespaced) {
    kinds.put(collection(apiVersion, plural(kind)), new Kind(apiVersion, kind, namespaced));
  }

  private static String plural(String kind) {
    String name = kind.toLowerCase(Locale.ROOT);
    return name.matches(".*[^aeiou]y")
        ? name.replaceFirst("y$", "ies")
        : name + (name.endsWith("s") ? "es" : "s");
  }

  /** Where it is. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** A client that does not wait long. */
  public KubernetesClient client() {
    Config config =
        new ConfigBuilder(Config.empty())
            .withMasterUrl(url())
            .withWatchReconnectInterval(20)
            .withRequestRetryBackoffInterval(20)
            .withRequestRetryBackoffLimit(2)
            .withConnectionTimeout(2_000)
            .withRequestTimeout(5_000)
            .build();
    return ApiAccess.open(config);
  }

  /** Installs a kind, as its CRD would. */
  public synchronized void install(String apiVersion, String plural) {
    installed.add(collection(apiVersion, plural));
  }

  /** Removes a kind with all its objects. */
  public synchronized void uninstall(String apiVersion, String plural) {
    String collection = collection(apiVersion, plural);
    List.copyOf(objects.getOrDefault(collection, new TreeMap<>()).keySet())
        .forEach(key -> delete(collection, key));
    installed.remove(collection);
    dropWatches();
  }

  /** Makes or replaces each document's object. */
  public synchronized void apply(String yaml) {
    for (String document : yaml.split("(?m)^---\\s*$", -1)) {
      if (!document.replaceAll("(?m)^#.*$", "").isBlank()) {
        put(JSON.unmarshal(document, GenericKubernetesResource.class));
      }
    }
  }

  /** Deletes an object. */
  public synchronized void delete(String apiVersion, String plural, String namespace, String name) {
    delete(collection(apiVersion, plural), namespace + "/" + name);
  }

  /** Ends all watches, as a server that restarts does. */
  public synchronized void dropWatches() {
    watchGeneration++;
    notifyAll();
  }

  /** Forgets what happened: watches from before are answered with 410. */
  public synchronized void compact() {
    oldest = version;
    events.clear();
    version++;
    dropWatches();
  }

  /** Answers requests for a collection with this status until {@link #accept}. */
  public void refuse(String plural, int status) {
    refusals.put(plural, status);
    dropWatches();
  }

  /** The same, for requests that would change something. */
  public void refuseWrites(String plural, int status) {
    refusedWrites.put(plural, status);
  }

  /** Answers again. */
  public void accept(String plural) {
    refusals.remove(plural);
    refusedWrites.remove(plural);
  }

  /** Answers requests for a collection of one namespace with 403. */
  public void forbid(String namespace, String plural) {
    refusals.put(namespace + "/" + plural, 403);
  }

  /** Answers nothing until {@link #release}. */
  public synchronized void hold() {
    held = true;
  }

  /** Answers what was held. */
  public synchronized void release() {
    held = false;
    notifyAll();
  }

  /** Is not there any more. */
  public void stop() {
    dropWatches();
    http.stop(0);
  }

  /** Is there again. */
  public void start() throws IOException {
    http = listen(port);
  }

  /** A token that is valid from now on. */
  public void issue(String secret, Token token) {
    tokens.put(secret, token);
  }

  /** A token that has run out, or whose pod was deleted. */
  public void revoke(String secret) {
    tokens.remove(secret);
  }

  /** Reviews tokens as before there were audiences. */
  public void ignoreAudiences() {
    deafToAudiences = true;
  }

  /** Sets the status of an object, as its controller does. */
  public synchronized void report(
      String apiVersion, String plural, String namespace, String name, Object status) {
    String collection = collection(apiVersion, plural);
    GenericKubernetesResource object = objects.get(collection).get(namespace + "/" + name);
    object.setAdditionalProperty("status", status);
    store(collection, object);
  }

  /** An object without a namespace, if it is there. */
  public synchronized Optional<GenericKubernetesResource> find(
      String apiVersion, String plural, String name) {
    TreeMap<String, GenericKubernetesResource> all = objects.get(collection(apiVersion, plural));
    return Optional.ofNullable(all).map(one -> one.get(name));
  }

  /** An object, if it is there. */
  public synchronized Optional<GenericKubernetesResource> find(
      String apiVersion, String plural, String namespace, String name) {
    TreeMap<String, GenericKubernetesResource> all = objects.get(collection(apiVersion, plural));
    return Optional.ofNullable(all).map(one -> one.get(namespace + "/" + name));
  }

  /** All objects of a kind. */
  public synchronized List<GenericKubernetesResource> all(String apiVersion, String plural) {
    return List.copyOf(
        objects.getOrDefault(collection(apiVersion, plural), new TreeMap<>()).values());
  }

  /** What happens while each patch is on its way. */
  public synchronized void beforePatches(Runnable action) {
    beforePatch = action;
  }

  /** From now on workloads are complete as soon as they are written. */
  public synchronized void rollOut() {
    rollsOut = true;
  }

  /**
   * From now on who comes with this token may do what roles of this name allow, and nothing else.
   */
  public synchronized void bind(String token, String roles) {
    bound = "Bearer " + token;
    role = roles;
  }

  /** What was asked for by the bound token and not allowed. */
  public synchronized List<String> forbidden() {
    return List.copyOf(forbidden);
  }

  /** How many requests have come for a collection. */
  public int requests(String plural) {
    return requests.computeIfAbsent(plural, _ -> new AtomicInteger()).get();
  }

  /** What was asked of a collection: the namespace, and the field selector, of each request. */
  public List<String> selections(String plural) {
    return List.copyOf(selections.getOrDefault(plural, List.of()));
  }

  /** Waits until as many have come; discovery has no plural. */
  public synchronized void awaitRequests(String plural, int count) throws InterruptedException {
    while (requests(plural) < count) {
      wait();
    }
  }

  @Override
  public void close() {
    release();
    stop();
    // A watch that came while it stopped was not told to end.
    executor.shutdownNow();
    executor.close();
  }

  private HttpServer listen(int wanted) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted);
    HttpServer server = HttpServer.create(address, 0);
    server.setExecutor(executor);
    server.createContext("/", this::handle);
    server.start();
    return server;
  }

  private void put(GenericKubernetesResource object) {
    String collection = collection(object.getApiVersion(), plural(object.getKind()));
    if (kinds.containsKey(collection)) {
      installed.add(collection);
      store(collection, object);
    }
  }

  /** What a server fills in is filled in. */
  private void store(String collection, GenericKubernetesResource object) {
    version++;
    ObjectMeta metadata = object.getMetadata();
    metadata.setResourceVersion(Long.toString(version));
    if (kinds.get(collection).namespaced() && metadata.getNamespace() == null) {
      metadata.setNamespace("default");
    }
    TreeMap<String, GenericKubernetesResource> all =
        objects.computeIfAbsent(collection, _ -> new TreeMap<>());
    GenericKubernetesResource before = all.get(key(object));
    if (metadata.getUid() == null) {
      metadata.setUid(before == null ? "uid-" + version : before.getMetadata().getUid());
    }
    metadata.setGeneration(generation(before, object));
    if (metadata.getCreationTimestamp() == null) {
      metadata.setCreationTimestamp("2026-11-26T00:00:00Z");
    }
    if (rollsOut) {
      Controllers.complete(object);
    }
    all.put(key(object), object);
    Controllers.served(object).forEach(this::serve);
    event(collection, before == null ? "ADDED" : "MODIFIED", object);
  }

  private void serve(String collection) {
    if (kinds.containsKey(collection)) {
      installed.add(collection);
    }
  }

  /** It counts what the object was told to be; what is said of it is not counted. */
  private static Long generation(
      GenericKubernetesResource before, GenericKubernetesResource object) {
    Long known = before == null ? null : before.getMetadata().getGeneration();
    Long sent = object.getMetadata().getGeneration();
    if (known == null) {
      return sent == null ? 1L : sent;
    }
    boolean same =
        Objects.equals(
            JSON.asJson(before.getAdditionalProperties().get("spec")),
            JSON.asJson(object.getAdditionalProperties().get("spec")));
    return same ? known : Long.valueOf(known + 1);
  }

  private void delete(String collection, String key) {
    GenericKubernetesResource gone = objects.get(collection).remove(key);
    if (collection.equals("v1/namespaces")) {
      List.copyOf(objects.keySet()).forEach(all -> deleteAll(all, key + "/"));
    }
    for (String defined : Controllers.served(gone)) {
      deleteAll(defined, "");
      installed.remove(defined);
      dropWatches();
    }
    version++;
    gone.getMetadata().setResourceVersion(Long.toString(version));
    event(collection, "DELETED", gone);
  }

  private void deleteAll(String collection, String prefix) {
    List.copyOf(objects.getOrDefault(collection, new TreeMap<>()).keySet()).stream()
        .filter(key -> key.startsWith(prefix))
        .forEach(key -> delete(collection, key));
  }

  private void event(String collection, String type, GenericKubernetesResource object) {
    events.add(new Event(version, collection, type, key(object), JSON.asJson(object)));
    notifyAll();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      ApiPath path = ApiPath.of(exchange.getRequestURI());
      count(path.plural());
      selections
          .computeIfAbsent(path.plural(), _ -> new CopyOnWriteArrayList<>())
          .add((path.namespace() + " " + path.query("fieldSelector")).strip());
      awaitRelease();
      Integer refused =
          Optional.ofNullable(refusals.get(path.namespace() + "/" + path.plural()))
              .orElseGet(() -> refusal(exchange, path.plural()));
      if (refused != null) {
        status(exchange, refused, "told to refuse");
      } else if (isForbidden(exchange, path)) {
        status(exchange, 403, forbidden().getLast());
      } else if (path.plural().isEmpty()) {
        discovery(exchange, path);
      } else if (path.plural().equals("tokenreviews")) {
        review(exchange);
      } else if (!installed(path)) {
        status(exchange, 404, "the server could not find the requested resource");
      } else if (!path.name().isEmpty() || !exchange.getRequestMethod().equals("GET")) {
        object(exchange, path);
      } else if (path.query("watch").equals("true")) {
        watch(exchange, path);
      } else {
        list(exchange, path);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Integer refusal(HttpExchange exchange, String plural) {
    Integer all = refusals.get(plural);
    boolean reads = exchange.getRequestMethod().equals("GET");
    return all != null || reads ? all : refusedWrites.get(plural);
  }

  private synchronized boolean isForbidden(HttpExchange exchange, ApiPath path) {
    String token = exchange.getRequestHeaders().getFirst("Authorization");
    if (bound.isEmpty() || !bound.equals(token)) {
      return false;
    }
    List<GenericKubernetesResource> roles =
        Stream.of("clusterroles", "roles")
            .flatMap(plural -> all("rbac.authorization.k8s.io/v1", plural).stream())
            .filter(one -> one.getMetadata().getName().equals(role))
            .toList();
    String method = exchange.getRequestMethod();
    boolean allowed = new AccessControl(roles).allows(method, path);
    if (!allowed) {
      forbidden.add(AccessControl.refusal(role, method, path));
    }
    return !allowed;
  }

  private synchronized void count(String plural) {
    requests.computeIfAbsent(plural, _ -> new AtomicInteger()).incrementAndGet();
    notifyAll();
  }

  private synchronized boolean installed(ApiPath path) {
    return installed.contains(path.collection());
  }

  private synchronized void awaitRelease() throws InterruptedException {
    while (held) {
      wait();
    }
  }

  private void discovery(HttpExchange exchange, ApiPath path) throws IOException {
    List<Map<String, Object>> served = new ArrayList<>();
    synchronized (this) {
      for (String collection : installed) {
        Kind kind = kinds.get(collection);
        if (kind.apiVersion().equals(path.groupVersion())) {
          String plural = plural(kind.name());
          served.add(resource(plural + "/status", kind));
          served.add(resource(plural, kind));
        }
      }
    }
    if (served.isEmpty()) {
      status(exchange, 404, "the server could not find the requested resource");
      return;
    }
    Map<String, Object> list =
        Map.of(
            "kind",
            "APIResourceList",
            "apiVersion",
            "v1",
            "groupVersion",
            path.groupVersion(),
            "resources",
            served);
    answer(exchange, 200, JSON.asJson(list));
  }

  private static Map<String, Object> resource(String name, Kind kind) {
    return Map.of("name", name, "namespaced", kind.namespaced(), "kind", kind.name());
  }

  private void review(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    TokenReview review = JSON.unmarshal(body, TokenReview.class);
    Token token = tokens.get(review.getSpec().getToken());
    boolean good =
        token != null
            && (deafToAudiences || review.getSpec().getAudiences().contains(token.audience()));
    TokenReviewStatus status = new TokenReviewStatus();
    status.setAuthenticated(good);
    if (good) {
      status.setAudiences(deafToAudiences ? List.of() : List.of(token.audience()));
      status.setUser(user(token));
    } else {
      status.setError("invalid bearer token");
    }
    review.setStatus(status);
    answer(exchange, 201, JSON.asJson(review));
  }

  private static UserInfo user(Token token) {
    Map<String, List<String>> extra = new HashMap<>();
    if (!token.pod().isEmpty()) {
      extra.put("authentication.kubernetes.io/pod-name", List.of(token.pod()));
      extra.put("authentication.kubernetes.io/pod-uid", List.of(token.uid()));
      extra.put("authentication.kubernetes.io/node-name", List.of(token.node()));
    }
    UserInfo user = new UserInfo();
    user.setUsername("system:serviceaccount:" + token.account());
    user.setExtra(extra);
    return user;
  }

  private void list(HttpExchange exchange, ApiPath path) throws IOException {
    String answer;
    synchronized (this) {
      TreeMap<String, GenericKubernetesResource> all =
          objects.getOrDefault(path.collection(), new TreeMap<>());
      int limit = path.query("limit").isEmpty() ? 1000 : Integer.parseInt(path.query("limit"));
      List<GenericKubernetesResource> items =
          all.tailMap(path.query("continue"), false).values().stream()
              .filter(one -> isAsked(path, one) && path.selects(key(one)))
              .limit(limit)
              .toList();
      Map<String, Object> metadata = new HashMap<>();
      metadata.put("resourceVersion", Long.toString(version));
      if (!items.isEmpty()
          && items.size() == limit
          && !all.lastKey().equals(key(items.getLast()))) {
        metadata.put("continue", key(items.getLast()));
      }
      answer =
          JSON.asJson(
              Map.of("kind", "List", "apiVersion", "v1", "metadata", metadata, "items", items));
    }
    answer(exchange, 200, answer);
  }

  private static boolean isAsked(ApiPath path, GenericKubernetesResource object) {
    ObjectMeta metadata = object.getMetadata();
    Map<String, String> labels =
        Objects.requireNonNullElse(metadata.getLabels(), Map.<String, String>of());
    String selector = path.query("labelSelector");
    return (path.namespace().isEmpty() || path.namespace().equals(metadata.getNamespace()))
        && (selector.isEmpty()
            || Stream.of(selector.split(",", -1))
                .map(one -> one.split("=", 2))
                .allMatch(one -> one[1].equals(labels.get(one[0]))));
  }

  private void watch(HttpExchange exchange, ApiPath path) throws IOException, InterruptedException {
    long after = Long.parseLong(path.query("resourceVersion"));
    int generation;
    synchronized (this) {
      generation = watchGeneration;
    }
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    out.flush();
    while (true) {
      List<String> lines = new ArrayList<>();
      synchronized (this) {
        if (after < oldest) {
          out.write((error410() + "\n").getBytes(UTF_8));
          return;
        }
        for (Event event : events) {
          if (event.version() > after
              && event.collection().equals(path.collection())
              && path.selects(event.key())) {
            lines.add("{\"type\":\"%s\",\"object\":%s}".formatted(event.type(), event.object()));
          }
        }
        after = version;
        if (lines.isEmpty()) {
          if (generation != watchGeneration) {
            return;
          }
          wait();
          continue;
        }
        if (path.query("allowWatchBookmarks").equals("true")) {
          lines.add(bookmark(after));
        }
      }
      for (String line : lines) {
        out.write((line + "\n").getBytes(UTF_8));
      }
      out.flush();
    }
  }

  private static String bookmark(long version) {
    return ("{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Any\",\"apiVersion\":\"v1\","
            + "\"metadata\":{\"resourceVersion\":\"%d\"}}}")
        .formatted(version);
  }

  private static String error410() {
    return "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\","
        + "\"metadata\":{},\"status\":\"Failure\",\"message\":\"too old resource version\","
        + "\"reason\":\"Expired\",\"code\":410}}";
  }

  private void object(HttpExchange exchange, ApiPath path)
      throws IOException, InterruptedException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    String method = exchange.getRequestMethod();
    String type = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"));
    if (type.startsWith("application/merge-patch") || type.startsWith("application/json-patch")) {
      patch(exchange, path, body, type.startsWith("application/merge-patch"));
      return;
    }
    boolean applied = type.startsWith("application/apply-patch");
    GenericKubernetesResource sent =
        body.isEmpty() || method.equals("DELETE")
            ? null
            : JSON.unmarshal(body, GenericKubernetesResource.class);
    if (sent != null && path.subresource().isEmpty() && isRefused(exchange, path, sent)) {
      return;
    }
    int code;
    String answer;
    synchronized (this) {
      String name =
          path.name().isEmpty() && sent != null ? sent.getMetadata().getName() : path.name();
      String key = path.namespace().isEmpty() ? name : path.namespace() + "/" + name;
      GenericKubernetesResource known =
          objects.getOrDefault(path.collection(), new TreeMap<>()).get(key);
      code = applied ? applyCode(path, key, known, sent) : code(method, known, sent);
      if (code < 300 && sent != null) {
        known = applied ? merged(path, known, sent) : sent;
        store(path.collection(), known);
      } else if (code < 300 && method.equals("DELETE")) {
        appliers.remove(path.collection() + key);
        delete(path.collection(), key);
      }
      answer = code < 300 ? JSON.asJson(known) : statusText(code, "not as it should be");
    }
    answer(exchange, code, answer);
  }

  /** Whether a webhook does not let it in; what they warn of is in the header. */
  private boolean isRefused(HttpExchange exchange, ApiPath path, GenericKubernetesResource sent)
      throws IOException, InterruptedException {
    List<GenericKubernetesResource> configurations =
        all("admissionregistration.k8s.io/v1", "validatingwebhookconfigurations");
    String name = sent.getMetadata().getName();
    WebhookCalls.Outcome outcome =
        WebhookCalls.ask(
            configurations,
            path,
            sent,
            find(path.groupVersion(), path.plural(), path.namespace(), name).orElse(null));
    outcome
        .warnings()
        .forEach(one -> exchange.getResponseHeaders().add("Warning", WebhookCalls.header(one)));
    if (outcome.code() != 200) {
      status(exchange, outcome.code(), outcome.message());
    }
    return outcome.code() != 200;
  }

  /** A patch of what is there; through a subresource it changes that and nothing else. */
  private void patch(HttpExchange exchange, ApiPath path, String body, boolean merge)
      throws IOException {
    int code;
    String answer;
    synchronized (this) {
      beforePatch.run();
      String key = path.namespace().isEmpty() ? path.name() : path.namespace() + "/" + path.name();
      GenericKubernetesResource known =
          objects.getOrDefault(path.collection(), new TreeMap<>()).get(key);
      code = 404;
      if (known != null) {
        Optional<GenericKubernetesResource> next =
            merge ? Patches.merged(known, body) : Patches.edited(known, body);
        code = next.map(one -> code("PUT", known, one)).orElse(422);
        if (code == 200
            && !known.getMetadata().getUid().equals(next.get().getMetadata().getUid())) {
          code = 409;
        }
        if (code == 200) {
          store(path.collection(), merged(path, known, next.get()));
        }
      }
      answer =
          code == 200
              ? JSON.asJson(objects.get(path.collection()).get(key))
              : statusText(code, "not as it should be");
    }
    answer(exchange, code, answer);
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
    GenericKubernetesResource from = path.subresource().equals("status") ? sent : known;
    GenericKubernetesResource to = path.subresource().equals("status") ? known : sent;
    GenericKubernetesResource next =
        JSON.unmarshal(JSON.asJson(to), GenericKubernetesResource.class);
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
    ObjectMeta metadata = sent == null ? known.getMetadata() : sent.getMetadata();
    String wanted = metadata.getResourceVersion();
    return wanted == null || wanted.equals(known.getMetadata().getResourceVersion()) ? 200 : 409;
  }

  private void status(HttpExchange exchange, int code, String message) throws IOException {
    answer(exchange, code, statusText(code, message));
  }

  private static String statusText(int code, String message) {
    return JSON.asJson(
        Map.of(
            "kind",
            "Status",
            "apiVersion",
            "v1",
            "metadata",
            Map.of(),
            "status",
            "Failure",
            "message",
            message,
            "code",
            code));
  }

  private static void answer(HttpExchange exchange, int code, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static String key(GenericKubernetesResource object) {
    String namespace = object.getMetadata().getNamespace();
    String name = object.getMetadata().getName();
    return namespace == null ? name : namespace + "/" + name;
  }

  private static String collection(String apiVersion, String plural) {
    return apiVersion + "/" + plural;
  }
}
