// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import static dev.culvert.controlplane.source.kubernetes.ServedKinds.collection;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An API server over real HTTP that keeps to what Kubernetes documents: lists in pages, watches
 * that start after a resourceVersion, bookmarks, 410 for one that is too old, 409 for one that is
 * not the newest, Status bodies. It can be told to misbehave.
 */
public final class ApiServer implements AutoCloseable {
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final ServedKinds kinds = new ServedKinds();
  private final ObjectStore store = new ObjectStore(kinds);
  private final Watches watches = new Watches(store);
  private final ObjectRequests requests = new ObjectRequests(store);
  private final BoundToken bound = new BoundToken(store);
  private final TokenReviews reviews = new TokenReviews();
  private final RequestLog log = new RequestLog();
  private final Faults faults = new Faults();
  private final int port;
  private HttpServer http;

  /**
   * A token of a ServiceAccount.
   *
   * @param account {@code NAMESPACE:NAME}
   * @param pod empty when it is bound to none
   */
  public record Token(String account, String audience, String pod, String uid, String node) {}

  /** A server that has the built-in kinds, and no objects. */
  public ApiServer() throws IOException {
    http = listen(0);
    port = http.getAddress().getPort();
  }

  private HttpServer listen(int wanted) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted);
    HttpServer server = HttpServer.create(address, 0);
    server.setExecutor(executor);
    server.createContext("/", this::handle);
    server.start();
    return server;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      ApiPath path = ApiPath.of(exchange.getRequestURI());
      log.add(path);
      faults.awaitRelease();
      Optional<Reply> refusal = refusal(exchange, path);
      if (refusal.isEmpty() && isWatch(exchange, path)) {
        watches.serve(exchange, path);
      } else {
        (refusal.isPresent() ? refusal.get() : answer(exchange, path)).send(exchange);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<Reply> refusal(HttpExchange exchange, ApiPath path) {
    return faults
        .refusal(exchange.getRequestMethod(), path)
        .map(status -> Reply.failure(status, "told to refuse"))
        .or(() -> bound.refusal(exchange, path).map(reason -> Reply.failure(403, reason)));
  }

  private boolean isWatch(HttpExchange exchange, ApiPath path) {
    return isOfAll(exchange, path)
        && kinds.isInstalled(path.collection())
        && path.query("watch").equals("true");
  }

  private static boolean isOfAll(HttpExchange exchange, ApiPath path) {
    return path.name().isEmpty() && exchange.getRequestMethod().equals("GET");
  }

  private Reply answer(HttpExchange exchange, ApiPath path)
      throws IOException, InterruptedException {
    if (path.plural().isEmpty()) {
      return kinds.discovery(path.groupVersion());
    }
    if (path.plural().equals("tokenreviews")) {
      return reviews.review(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
    }
    if (!kinds.isInstalled(path.collection())) {
      return Reply.notFound();
    }
    return isOfAll(exchange, path) ? store.list(path) : requests.answer(exchange, path);
  }

  /** Where it is. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** A kubeconfig in that folder that names it. */
  public Path kubeconfig(Path folder) throws IOException {
    return Files.writeString(
        folder.resolve("kubeconfig"),
        """
        apiVersion: v1
        kind: Config
        current-context: test
        contexts: [{name: test, context: {cluster: test, user: test}}]
        clusters: [{name: test, cluster: {server: "%s"}}]
        users: [{name: test, user: {}}]
        """
            .formatted(url()));
  }

  /** A client that does not wait long. */
  public KubernetesClient client() {
    return client("");
  }

  /** The same for who comes with a token. */
  public KubernetesClient client(String token) {
    Config config =
        new ConfigBuilder(Config.empty())
            .withOauthToken(token.isEmpty() ? null : token)
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
  public void install(String apiVersion, String plural) {
    kinds.install(collection(apiVersion, plural));
  }

  /** Removes a kind with all its objects. */
  public void uninstall(String apiVersion, String plural) {
    store.remove(collection(apiVersion, plural));
  }

  /** Makes or replaces each document's object. */
  public void apply(String yaml) {
    for (String document : yaml.split("(?m)^---\\s*$", -1)) {
      if (!document.replaceAll("(?m)^#.*$", "").isBlank()) {
        store.put(Reply.JSON.unmarshal(document, GenericKubernetesResource.class));
      }
    }
  }

  /** Deletes an object. */
  public void delete(String apiVersion, String plural, String namespace, String name) {
    store.delete(collection(apiVersion, plural), ObjectStore.key(namespace, name));
  }

  /** Ends all watches, as a server that restarts does. */
  public void dropWatches() {
    store.endWatches();
  }

  /** Forgets what happened: watches from before are answered with 410. */
  public void compact() {
    store.compact();
  }

  /** Answers requests for a collection with this status until {@link #accept}. */
  public void refuse(String plural, int status) {
    faults.refuse(plural, status);
    store.endWatches();
  }

  /** The same, for requests that would change something. */
  public void refuseWrites(String plural, int status) {
    faults.refuseWrites(plural, status);
  }

  /** Answers again. */
  public void accept(String plural) {
    faults.accept(plural);
  }

  /** Answers requests for a collection of one namespace with 403. */
  public void forbid(String namespace, String plural) {
    faults.refuse(namespace + "/" + plural, 403);
  }

  /** Answers nothing until {@link #release}. */
  public void hold() {
    faults.hold();
  }

  /** Waits until a request is not answered. */
  public void awaitHeld() throws InterruptedException {
    faults.awaitHeld();
  }

  /** Answers what was held. */
  public void release() {
    faults.release();
  }

  /** Is not there any more. */
  public void stop() {
    store.endWatches();
    http.stop(0);
  }

  /** Is there again. */
  public void start() throws IOException {
    http = listen(port);
  }

  /** A token that is valid from now on. */
  public void issue(String secret, Token token) {
    reviews.issue(secret, token);
  }

  /** A token that has run out, or whose pod was deleted. */
  public void revoke(String secret) {
    reviews.revoke(secret);
  }

  /** Reviews tokens as before there were audiences. */
  public void ignoreAudiences() {
    reviews.ignoreAudiences();
  }

  /** Sets the status of an object, as its controller does. */
  public void report(
      String apiVersion, String plural, String namespace, String name, Object status) {
    store.report(collection(apiVersion, plural), ObjectStore.key(namespace, name), status);
  }

  /** An object without a namespace, if it is there. */
  public Optional<GenericKubernetesResource> find(String apiVersion, String plural, String name) {
    return store.find(collection(apiVersion, plural), name);
  }

  /** An object, if it is there. */
  public Optional<GenericKubernetesResource> find(
      String apiVersion, String plural, String namespace, String name) {
    return store.find(collection(apiVersion, plural), ObjectStore.key(namespace, name));
  }

  /** All objects of a kind. */
  public List<GenericKubernetesResource> all(String apiVersion, String plural) {
    return store.all(collection(apiVersion, plural));
  }

  /** What happens while each patch is on its way. */
  public void beforePatches(Runnable action) {
    requests.beforePatches(action);
  }

  /** From now on workloads are complete as soon as they are written. */
  public void rollOut() {
    store.rollOut();
  }

  /**
   * From now on who comes with this token may do what roles of this name allow, and nothing else.
   */
  public void bind(String token, String roles) {
    bound.bind(token, roles);
  }

  /** What was asked for by the bound token and not allowed. */
  public List<String> forbidden() {
    return bound.forbidden();
  }

  /** How many requests have come for a collection. */
  public int requests(String plural) {
    return log.count(plural);
  }

  /** What was asked of a collection: the namespace, and the field selector, of each request. */
  public List<String> selections(String plural) {
    return log.selections(plural);
  }

  /** Waits until as many have come; discovery has no plural. */
  public void awaitRequests(String plural, int count) throws InterruptedException {
    log.await(plural, count);
  }

  @Override
  public void close() {
    release();
    stop();
    // A watch that came while it stopped was not told to end.
    executor.shutdownNow();
    executor.close();
  }
}
