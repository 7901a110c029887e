// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.AuthorizationRule;
import dev.culvert.policy.resource.BackendTlsPolicyResource;
import dev.culvert.policy.resource.ConfigMapResource;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceError;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceNotice;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KubernetesSourceTest {
  private static final ResourceKey CONFIGURATION =
      new ResourceKey("ConfigMap", "culvert-system", "culvert");
  private static final KubernetesSource.Pace QUICK =
      new KubernetesSource.Pace(Duration.ofMillis(1), Duration.ofMillis(20));
  private static final String BACKEND_TLS =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: BackendTLSPolicy
      metadata: {name: secure, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: web}]
        validation: {wellKnownCACertificates: %s, hostname: web.internal}
      """;
  private static final String POLICY =
      """
      apiVersion: %s
      kind: AuthorizationPolicy
      metadata: {name: closed, namespace: shop}
      spec: {action: %s}
      """;

  private final Map<ResourceKey, Resource> known = new HashMap<>();
  private List<ResourceError> errors = List.of();
  private List<ResourceNotice> notices = List.of();
  private int batches;
  private Set<ResourceKey> withDoor = Set.of();
  private ApiServer server;
  private KubernetesClient client;
  private KubernetesSource source;

  @BeforeEach
  void open() throws IOException {
    server = new ApiServer();
    client = server.client();
  }

  @AfterEach
  void close() {
    if (source != null) {
      source.close();
    }
    client.close();
    server.close();
  }

  @Test
  void startKnowsAllThereIsOverManyPages() throws Exception {
    IntStream.range(0, 1_234).forEach(i -> server.apply(pod("web-" + i, "198.18.0.1")));
    start();
    assertThat(known).hasSize(1_234);
  }

  @Test
  void changesFollow() throws Exception {
    server.apply(pod("web", "198.18.0.1"));
    start();
    server.apply(pod("web", "198.18.0.2"));
    await(now -> ip(now, "web").equals("198.18.0.2"));
    server.apply(pod("db", "198.18.0.3"));
    await(now -> now.containsKey(key("db")));
    server.delete("v1", "pods", "shop", "web");
    await(now -> !now.containsKey(key("web")));
  }

  @Test
  void droppedWatchMissesNothing() throws Exception {
    server.apply(pod("web", "198.18.0.1"));
    start();
    int before = server.requests("pods");
    server.dropWatches();
    server.apply(pod("web", "198.18.0.2"));
    await(now -> ip(now, "web").equals("198.18.0.2"));
    server.awaitRequests("pods", before + 1);
  }

  @Test
  void tooOldVersionIsListedAnewAndWhatIsGoneIsGone() throws Exception {
    server.apply(pod("web", "198.18.0.1") + "---\n" + pod("db", "198.18.0.3"));
    start();
    server.refuse("pods", 503);
    server.delete("v1", "pods", "shop", "db");
    server.apply(pod("web", "198.18.0.2"));
    server.compact();
    server.accept("pods");
    await(now -> !now.containsKey(key("db")) && ip(now, "web").equals("198.18.0.2"));
  }

  @Test
  void forbiddenAtFirstIsWaitedFor() throws Exception {
    server.apply(pod("web", "198.18.0.1"));
    server.refuse("pods", 403);
    CompletableFuture<Void> started = startLater();
    server.awaitRequests("pods", 3);
    assertThat(started).isNotDone();
    server.accept("pods");
    started.join();
    assertThat(known).containsKey(key("web"));
  }

  @Test
  void tooManyRequestsAreTriedAgain() throws Exception {
    server.apply(pod("web", "198.18.0.1"));
    server.refuse("pods", 429);
    CompletableFuture<Void> started = startLater();
    server.awaitRequests("pods", 3);
    server.accept("pods");
    started.join();
    assertThat(known).containsKey(key("web"));
  }

  @Test
  void slowServerIsWaitedFor() throws Exception {
    server.apply(pod("web", "198.18.0.1"));
    server.hold();
    CompletableFuture<Void> started = startLater();
    server.awaitRequests("", 1);
    assertThat(started).isNotDone();
    server.release();
    started.join();
    assertThat(known).containsKey(key("web"));
  }

  @Test
  void absentServerTakesNothingAwayAndIsFollowedAgain() throws Exception {
    server.apply(pod("web", "198.18.0.1"));
    start();
    server.stop();
    server.apply(pod("web", "198.18.0.2"));
    assertThat(ip(snapshot(), "web")).isEqualTo("198.18.0.1");
    server.start();
    await(now -> ip(now, "web").equals("198.18.0.2"));
  }

  @Test
  void kindInstalledLaterIsFollowedAndLetGoWhenItIsRemoved() throws Exception {
    start();
    ResourceKey policy = new ResourceKey("AuthorizationPolicy", "shop", "closed");
    server.apply(POLICY.formatted("security.istio.io/v1", "DENY"));
    await(now -> now.containsKey(policy));
    server.uninstall("security.istio.io/v1", "authorizationpolicies");
    await(now -> !now.containsKey(policy));
    server.apply(POLICY.formatted("security.istio.io/v1", "ALLOW"));
    await(now -> now.containsKey(policy));
  }

  @Test
  void ownGroupGoesBeforeIstios() throws Exception {
    server.apply(POLICY.formatted("security.istio.io/v1", "DENY"));
    start();
    ResourceKey policy = new ResourceKey("AuthorizationPolicy", "shop", "closed");
    Resource istio = snapshot().get(policy);
    server.apply(POLICY.formatted("policy.culvert.dev/v1alpha1", "ALLOW"));
    await(now -> !now.get(policy).equals(istio));
    server.delete("policy.culvert.dev/v1alpha1", "authorizationpolicies", "shop", "closed");
    await(now -> istio.equals(now.get(policy)));
  }

  @Test
  void objectWithAnErrorKeepsWhatItSaid() throws Exception {
    server.apply(POLICY.formatted("policy.culvert.dev/v1alpha1", "DENY"));
    start();
    ResourceKey policy = new ResourceKey("AuthorizationPolicy", "shop", "closed");
    Resource before = snapshot().get(policy);
    server.apply(POLICY.formatted("policy.culvert.dev/v1alpha1", "DENI"));
    awaitErrors(1);
    assertThat(errors.getFirst().toString())
        .startsWith("AuthorizationPolicy.policy.culvert.dev shop/closed: spec.action: 'DENI'");
    assertThat(snapshot()).containsEntry(policy, before);
    server.delete("policy.culvert.dev/v1alpha1", "authorizationpolicies", "shop", "closed");
    awaitErrors(0);
    await(now -> !now.containsKey(policy));
  }

  @Test
  void backendTlsPolicyBrokenAtStartTrustsNobodyUntilItIsCorrected() throws Exception {
    server.install("gateway.networking.k8s.io/v1", "backendtlspolicies");
    server.apply(BACKEND_TLS.formatted("Systen"));
    start();
    ResourceKey key = new ResourceKey("BackendTLSPolicy", "shop", "secure");
    BackendTlsPolicyResource closed = (BackendTlsPolicyResource) snapshot().get(key);
    assertThat(closed.isClosed()).isTrue();
    assertThat(closed.targets()).hasSize(1);
    assertThat(notices.getFirst().toString()).contains("nothing is sent to them");

    server.apply(BACKEND_TLS.formatted("System"));
    await(now -> now.get(key) instanceof BackendTlsPolicyResource one && !one.isClosed());
  }

  @Test
  void sourceWhoseThreadDiesIsInTrouble() throws Exception {
    AtomicBoolean fatal = new AtomicBoolean();
    source =
        KubernetesSource.start(
            client,
            QUICK,
            List.of("culvert-system"),
            _ -> {
              if (fatal.get()) {
                throw new StackOverflowError("for the test");
              }
            });
    assertThat(source.trouble()).isEmpty();
    fatal.set(true);
    server.apply(pod("web", "198.18.0.1"));
    while (source.trouble().isEmpty()) {
      Thread.sleep(1);
    }
    assertThat(source.trouble()).contains("the thread that takes changes in has ended");
  }

  @Test
  void policyBrokenAtStartIsClosedUntilItIsCorrected() throws Exception {
    server.apply(POLICY.formatted("policy.culvert.dev/v1alpha1", "DENI"));
    start();
    ResourceKey key = new ResourceKey("AuthorizationPolicy", "shop", "closed");
    AuthorizationPolicy closed = (AuthorizationPolicy) snapshot().get(key);
    assertThat(closed.action()).isEqualTo(AuthorizationPolicy.Action.DENY);
    assertThat(closed.rules())
        .containsExactly(new AuthorizationRule(List.of(), List.of(), List.of()));
    assertThat(errors).hasSize(1);
    assertThat(notices.getFirst().toString())
        .contains("closed until it is corrected", "it forbids everything");

    server.apply(POLICY.formatted("policy.culvert.dev/v1alpha1", "ALLOW"));
    await(now -> !now.get(key).equals(closed));
    awaitErrors(0);
    assertThat(((AuthorizationPolicy) snapshot().get(key)).action())
        .isEqualTo(AuthorizationPolicy.Action.ALLOW);
    assertThat(notices).isEmpty();
  }

  @Test
  void changeThatMeansNothingToUsIsNotTold() throws Exception {
    server.apply(pod("web", "198.18.0.1"));
    start();
    int before = changes();
    server.apply(pod("web", "198.18.0.1").replace("phase:", "qosClass: Burstable, phase:"));
    server.apply(pod("db", "198.18.0.3"));
    await(now -> now.containsKey(key("db")));
    assertThat(changes()).isEqualTo(before + 1);
  }

  @Test
  void newerVersionInstalledLaterIsTheSameKind() throws Exception {
    server.apply(POLICY.formatted("security.istio.io/v1beta1", "DENY"));
    start();
    ResourceKey policy = new ResourceKey("AuthorizationPolicy", "shop", "closed");
    assertThat(known).containsKey(policy);
    server.apply(POLICY.formatted("security.istio.io/v1", "ALLOW"));
    server.uninstall("security.istio.io/v1beta1", "authorizationpolicies");
    await(
        now ->
            now.get(policy) instanceof AuthorizationPolicy one
                && one.action() == AuthorizationPolicy.Action.ALLOW);
  }

  @Test
  void forbiddenLaterKeepsWhatIsKnown() throws Exception {
    server.apply(pod("web", "198.18.0.1"));
    start();
    server.refuse("pods", 403);
    server.awaitRequests("pods", server.requests("pods") + 2);
    assertThat(snapshot()).containsKey(key("web"));
    server.apply(pod("web", "198.18.0.2"));
    server.accept("pods");
    await(now -> ip(now, "web").equals("198.18.0.2"));
  }

  @Test
  void configurationOfTheMeshFollowsAndNoOtherConfigMap() throws Exception {
    server.apply(configuration("shop", "forged"));
    start();
    server.apply(configuration("culvert-system", "one"));
    await(now -> provider(now).equals("one"));
    server.apply(configuration("culvert-system", "two"));
    await(now -> provider(now).equals("two"));
    assertThat(snapshot()).doesNotContainKey(new ResourceKey("ConfigMap", "shop", "culvert"));
    server.delete("v1", "configmaps", "culvert-system", "culvert");
    await(now -> !now.containsKey(CONFIGURATION));
  }

  @Test
  void configurationThatIsThereIsPartOfTheFirstWord() throws Exception {
    server.apply(configuration("culvert-system", "one"));
    start();
    assertThat(provider(snapshot())).isEqualTo("one");
  }

  private static final String DOOR =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: door, namespace: shop}
      spec:
        gatewayClassName: culvert-gateway
        allowedListeners: {namespaces: {from: Selector, selector: {matchLabels: {lends: doors}}}}
        listeners: [{name: own, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: %s}]}}]
        tls: {frontend: {default: {validation: {caCertificateRefs: [{kind: ConfigMap, group: "", name: clients}]}}}}
      """;

  private static final String SET =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: ListenerSet
      metadata: {name: more, namespace: bank}
      spec:
        parentRef: {name: door, namespace: shop}
        listeners: [{name: https, port: 444, protocol: HTTPS, tls: {certificateRefs: [{name: lent}]}}]
      """;

  private static String secret(String namespace, String name) {
    return """
    apiVersion: v1
    kind: Secret
    metadata: {name: %s, namespace: %s}
    type: kubernetes.io/tls
    stringData: {tls.crt: c, tls.key: k}
    """
        .formatted(name, namespace);
  }

  @Test
  void whatFrontDoorsAndTheirSetsNameIsReadAndNothingElse() throws Exception {
    server.install("gateway.networking.k8s.io/v1", "gateways");
    server.install("gateway.networking.k8s.io/v1", "listenersets");
    server.apply(secret("shop", "one"));
    server.apply(secret("shop", "other"));
    server.apply(secret("bank", "lent"));
    server.apply(
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: clients, namespace: shop}
        data: {ca.crt: c}
        """);
    server.apply(DOOR.formatted("one"));
    server.apply(SET);
    start();
    assertThat(snapshot())
        .containsKeys(
            new ResourceKey("Secret", "shop", "one"),
            new ResourceKey("ConfigMap", "shop", "clients"))
        .doesNotContainKeys(
            new ResourceKey("Secret", "shop", "other"), new ResourceKey("Secret", "bank", "lent"));
    server.apply(
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: bank, labels: {lends: doors}}
        """);
    await(now -> now.containsKey(new ResourceKey("Secret", "bank", "lent")));
    server.delete("gateway.networking.k8s.io/v1", "listenersets", "bank", "more");
    await(now -> !now.containsKey(new ResourceKey("Secret", "bank", "lent")));
  }

  @Test
  void certificateThatIsNamedNowIsToldWithWhoNamesIt() throws Exception {
    server.install("gateway.networking.k8s.io/v1", "gateways");
    server.apply(secret("shop", "one"));
    server.apply(secret("shop", "two"));
    server.apply(DOOR.formatted("one"));
    start();
    for (String name : List.of("two", "one", "two")) {
      server.apply(DOOR.formatted(name));
      await(now -> now.get(new ResourceKey("Gateway", "shop", "door")).toString().contains(name));
      assertThat(withDoor).contains(new ResourceKey("Secret", "shop", name));
    }
  }

  private static String configuration(String namespace, String provider) {
    return """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: culvert, namespace: %s}
    data:
      mesh: |
        extensionProviders:
          - name: %s
            envoyExtAuthzGrpc: {service: authz.shop.svc.cluster.local, port: 9000}
    """
        .formatted(namespace, provider);
  }

  private static String provider(Map<ResourceKey, Resource> now) {
    return now.get(CONFIGURATION) instanceof ConfigMapResource config
        ? config.providers().getFirst().name()
        : "";
  }

  private void start() throws InterruptedException {
    source = KubernetesSource.start(client, QUICK, List.of("culvert-system"), this::take);
  }

  private CompletableFuture<Void> startLater() {
    return CompletableFuture.runAsync(
        () -> {
          try {
            start();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private synchronized void take(ResourceChanges changes) {
    changes.removed().forEach(known::remove);
    changes.put().forEach(resource -> known.put(resource.key(), resource));
    if (changes.put().stream().anyMatch(GatewayResource.class::isInstance)) {
      withDoor = Set.copyOf(known.keySet());
    }
    errors = changes.errors();
    notices = changes.notices();
    batches++;
    notifyAll();
  }

  private synchronized Map<ResourceKey, Resource> snapshot() {
    return Map.copyOf(known);
  }

  private synchronized void await(Predicate<Map<ResourceKey, Resource>> condition)
      throws InterruptedException {
    while (!condition.test(known)) {
      wait();
    }
  }

  private synchronized int changes() {
    return batches;
  }

  private synchronized void awaitErrors(int count) throws InterruptedException {
    while (errors.size() != count) {
      wait();
    }
  }

  private static String pod(String name, String ip) {
    return """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, namespace: shop, labels: {app: web}}
        spec: {nodeName: node-1, containers: [{name: app, image: app, ports: [{containerPort: 80}]}]}
        status: {phase: Running, podIP: %s, conditions: [{type: Ready, status: "True"}]}
        """
        .formatted(name, ip);
  }

  private static ResourceKey key(String pod) {
    return new ResourceKey("Pod", "shop", pod);
  }

  private static String ip(Map<ResourceKey, Resource> now, String pod) {
    return ((PodResource) now.get(key(pod))).podIps().getFirst().getHostAddress();
  }
}
