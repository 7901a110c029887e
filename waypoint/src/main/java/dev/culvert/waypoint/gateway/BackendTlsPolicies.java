// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.mesh.BackendSpeech;
import dev.culvert.policy.resource.BackendTlsPolicyResource;
import dev.culvert.policy.resource.BackendTlsPolicyResource.Target;
import dev.culvert.policy.resource.ConfigMapResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.ObjectRef;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.ServicePort;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.waypoint.plan.BackendTls;
import dev.culvert.waypoint.plan.ClientKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;

/** Which services TLS is spoken to (Gateway API, BackendTLSPolicy). */
public final class BackendTlsPolicies {
  private final Resources files;
  private final BackendTlsContexts contexts;
  private final ClientKey shown;
  private final List<String> problems;
  private final List<BackendTlsPolicyResource> oldestFirst;
  private final Map<ResourceKey, List<BackendTlsPolicyResource>> byService = new HashMap<>();
  private final Map<ResourceKey, Spoken> spoken = new HashMap<>();

  /** What is spoken to a port. */
  public sealed interface Spoken {
    /** No policy is for it. */
    record Plaintext() implements Spoken {}

    /** A policy is for it. */
    record Tls(BackendTls tls) implements Spoken {}

    /** A policy is for it that cannot be followed: nothing may be sent. */
    record Nothing(String problem) implements Spoken {}
  }

  /**
   * Works nothing out yet.
   *
   * @param problems to which what has no effect is added
   */
  public BackendTlsPolicies(Resources files, BackendTlsContexts contexts, List<String> problems) {
    this(files, contexts, new ClientKey.None(), problems);
  }

  private BackendTlsPolicies(
      Resources files, BackendTlsContexts contexts, ClientKey shown, List<String> problems) {
    this.shown = shown;
    this.files = files;
    this.contexts = contexts;
    this.problems = problems;
    this.oldestFirst =
        files
            .resources(BackendTlsPolicyResource.class)
            .sorted(BackendTlsPolicyResource.OLDEST_FIRST)
            .toList();
    oldestFirst.forEach(this::index);
  }

  private void index(BackendTlsPolicyResource policy) {
    policy.targets().stream()
        .filter(to -> to.service().group().isEmpty() && to.service().kind().equals("Service"))
        .map(to -> service(policy.metadata().namespace(), to.service().name()))
        .distinct()
        .forEach(key -> byService.computeIfAbsent(key, _ -> new ArrayList<>()).add(policy));
  }

  private static ResourceKey service(String namespace, String name) {
    return new ResourceKey("Service", namespace, name);
  }

  /**
   * Works out what they need, so that nobody has to wait for it, and what of them has no effect.
   */
  public void prepare() {
    oldestFirst.forEach(this::spoken);
  }

  /** The same for who shows this. */
  public BackendTlsPolicies showing(ClientKey key) {
    return new BackendTlsPolicies(files, contexts, key, problems);
  }

  /** A policy for the port goes before one for the service. */
  Spoken of(ServiceResource service, ServicePort port) {
    ObjectMeta metadata = service.metadata();
    return of(metadata.namespace(), metadata.name(), port.name());
  }

  /**
   * The same by the port's number. What a policy is for that names a port of a service whose ports
   * are not known could be this port: nothing may be sent.
   */
  public Spoken of(String namespace, String service, int port) {
    Optional<BackendTlsPolicyResource> bySomePort =
        find(namespace, service, to -> !to.port().isEmpty());
    if (bySomePort.isEmpty()) {
      return of(namespace, service, "");
    }
    return files
        .find(ServiceResource.class, namespace, service)
        .map(one -> of(namespace, service, name(one, port)))
        .orElseGet(() -> nothing(bySomePort.get(), "there is no Service of that name"));
  }

  /** What a port says that is spoken there; nothing where its Service is not known. */
  public BackendSpeech speech(String namespace, String name, int port) {
    Optional<ServiceResource> service = files.find(ServiceResource.class, namespace, name);
    return service
        .flatMap(one -> one.port(port))
        .map(one -> BackendSpeech.of(one, !(of(service.get(), one) instanceof Spoken.Plaintext)))
        .orElse(BackendSpeech.UNSAID);
  }

  private static String name(ServiceResource service, int port) {
    return service.ports().stream()
        .filter(one -> one.port() == port && one.protocol().equals("TCP"))
        .map(ServicePort::name)
        .findFirst()
        .orElse("");
  }

  private Spoken of(String namespace, String service, String port) {
    return find(namespace, service, to -> !port.isEmpty() && to.port().equals(port))
        .or(() -> find(namespace, service, to -> to.port().isEmpty()))
        .map(this::spoken)
        .orElseGet(Spoken.Plaintext::new);
  }

  private Optional<BackendTlsPolicyResource> find(
      String namespace, String service, Predicate<Target> port) {
    return byService.getOrDefault(service(namespace, service), List.of()).stream()
        .filter(
            policy -> policy.targets().stream().anyMatch(to -> isFor(to, service) && port.test(to)))
        .findFirst();
  }

  private static boolean isFor(Target to, String service) {
    return to.service().group().isEmpty()
        && to.service().kind().equals("Service")
        && to.service().name().equals(service);
  }

  private Spoken spoken(BackendTlsPolicyResource policy) {
    return spoken.computeIfAbsent(policy.key(), _ -> make(policy));
  }

  private Spoken make(BackendTlsPolicyResource policy) {
    if (policy.isClosed()) {
      return nothing(policy, "it cannot be read");
    }
    if (shown instanceof ClientKey.Missing(String problem)) {
      return nothing(policy, problem);
    }
    List<String> authorities = new ArrayList<>();
    for (ObjectRef ref : policy.authorities()) {
      Optional<String> found = authority(ref);
      if (found.isEmpty()) {
        return nothing(
            policy,
            "there is no ConfigMap %s/%s with ca.crt".formatted(ref.namespace(), ref.name()));
      }
      authorities.add(found.get());
    }
    List<BackendTls.Name> names =
        policy.names().stream().map(one -> new BackendTls.Name(one.uri(), one.name())).toList();
    try {
      return new Spoken.Tls(
          contexts.of(
              new BackendTlsContexts.Wanted(
                  String.join("\n", authorities), policy.hostname(), names, shown)));
    } catch (SSLException | IllegalArgumentException e) {
      return nothing(
          policy,
          "its authorities, or the certificate of the Gateway, cannot be read: " + e.getMessage());
    }
  }

  private Optional<String> authority(ObjectRef ref) {
    boolean may = ref.group().isEmpty() && ref.kind().equals("ConfigMap");
    return files
        .find(ConfigMapResource.class, ref.namespace(), ref.name())
        .filter(_ -> may)
        .flatMap(ConfigMapResource::authorities);
  }

  private Spoken nothing(BackendTlsPolicyResource policy, String problem) {
    String told = "%s: %s; its services get nothing".formatted(policy.key(), problem);
    if (!problems.contains(told)) {
      problems.add(told);
    }
    return new Spoken.Nothing(told);
  }
}
