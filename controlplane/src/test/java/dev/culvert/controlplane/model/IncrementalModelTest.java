// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.discovery.ResourceSet;
import dev.culvert.policy.resource.Endpoint;
import dev.culvert.policy.resource.EndpointSliceResource;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.NodeResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.translate.MeshPolicies;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever changes in whatever order, the model is the one that all resources together give. */
class IncrementalModelTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final MeshNames NAMES =
      new MeshNames(
          new TrustDomain("cluster.local"),
          "Kubernetes",
          "",
          "cluster.local",
          List.of("culvert-system"));

  /** Hosts that several have, in namespaces of their own; one is that of a Service too. */
  private static final String SHARED_HOSTS =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: shared, namespace: shop}
      spec:
        hosts: [shared.example.com, web.default.svc.cluster.local]
        ports: [{name: http, number: 80, protocol: HTTP}]
        resolution: STATIC
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: shared, namespace: other}
      spec:
        hosts: [shared.example.com, web.default.svc.cluster.local]
        ports: [{name: http, number: 80, protocol: HTTP}]
        resolution: STATIC
      """;

  /** The resources of all golden folders, which share names and namespaces. */
  private static final List<Resource> POOL = new ArrayList<>();

  private static final List<InetAddress> ADDRESSES = new ArrayList<>();

  private final Map<ResourceKey, Resource> known = new HashMap<>();
  private final IncrementalModel incremental = new IncrementalModel(NAMES);

  @BeforeAll
  static void readGoldenFolders() throws IOException {
    try (Stream<Path> all = Files.walk(GOLDEN)) {
      for (Path file : all.filter(one -> one.toString().endsWith(".yaml")).sorted().toList()) {
        Map<String, String> content = Map.of(file.toString(), Files.readString(file));
        POOL.addAll(ResourceFiles.empty().with(content).resources());
      }
    }
    ResourceFiles shared = ResourceFiles.empty().with(Map.of("shared.yaml", SHARED_HOSTS));
    assertThat(shared.errors()).isEmpty();
    POOL.addAll(shared.resources());
    for (Resource resource : POOL) {
      if (resource instanceof PodResource pod) {
        ADDRESSES.addAll(pod.podIps());
      } else if (resource instanceof EndpointSliceResource slice) {
        slice.endpoints().forEach(endpoint -> ADDRESSES.addAll(endpoint.addresses()));
      } else if (resource instanceof dev.culvert.policy.resource.WorkloadEntryResource entry) {
        entry.spec().ip().ifPresent(ADDRESSES::add);
      } else if (resource instanceof dev.culvert.policy.resource.ServiceEntryResource entry) {
        entry.endpoints().forEach(one -> one.ip().ifPresent(ADDRESSES::add));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void changesGiveWhatTheWholeGives(long seed) {
    Random random = new Random(seed);
    for (int step = 0; step < 400; step++) {
      change(random);
      Whole whole = new Whole(known.values());
      MeshModel model = incremental.current();
      assertThat(model.discovery().addresses().byName())
          .as("seed %d step %d", seed, step)
          .isEqualTo(whole.addresses().byName());
      assertThat(model.discovery().authorizations().byName())
          .isEqualTo(whole.authorizations().byName());
      assertThat(model.nodePods()).isEqualTo(whole.nodePods());
    }
  }

  @Test
  void everythingGoneIsNothing() {
    incremental.update(POOL, List.of());
    incremental.update(List.of(), POOL.stream().map(Resource::key).toList());
    assertThat(incremental.current().discovery())
        .isEqualTo(new IncrementalModel(NAMES).current().discovery());
    assertThat(incremental.current().notices()).isEmpty();
    assertThat(incremental.current().nodePods().nodes()).isEmpty();
  }

  @Test
  void sameAgainIsTheSameSet() {
    incremental.update(POOL, List.of());
    ResourceSet before = incremental.current().discovery().addresses();
    List<Resource> last = new ArrayList<>();
    new HashMap<>(index(POOL)).values().forEach(last::add);
    assertThat(incremental.update(last, List.of()).discovery().addresses()).isSameAs(before);
  }

  private static Map<ResourceKey, Resource> index(List<Resource> resources) {
    Map<ResourceKey, Resource> last = new HashMap<>();
    resources.forEach(one -> last.put(one.key(), one));
    return last;
  }

  private void change(Random random) {
    List<Resource> put = new ArrayList<>();
    Set<ResourceKey> removed = new HashSet<>();
    for (int i = 0; i < 1 + random.nextInt(4); i++) {
      Resource one = POOL.get(random.nextInt(POOL.size()));
      if (random.nextInt(4) == 0) {
        removed.add(one.key());
      } else {
        put.add(random.nextBoolean() ? one : other(one, random));
      }
    }
    removed.forEach(known::remove);
    put.forEach(one -> known.put(one.key(), one));
    incremental.update(put, removed);
  }

  private static Resource other(Resource resource, Random random) {
    return switch (resource) {
      case PodResource pod -> other(pod, random);
      case EndpointSliceResource slice -> other(slice, random);
      case NamespaceResource one -> new NamespaceResource(relabelled(one.metadata(), random));
      case NodeResource one ->
          new NodeResource(relabelled(one.metadata(), random), one.internalIps());
      default -> resource;
    };
  }

  private static PodResource other(PodResource pod, Random random) {
    return new PodResource(
        random.nextBoolean() ? pod.metadata() : relabelled(pod.metadata(), random),
        random.nextBoolean() ? pod.nodeName() : "node-" + random.nextInt(3),
        pod.serviceAccountName(),
        random.nextInt(8) == 0 ? !pod.hostNetwork() : pod.hostNetwork(),
        pod.phase(),
        random.nextBoolean() ? pod.podIps() : List.of(address(random)),
        random.nextBoolean(),
        pod.terminating(),
        pod.ports(),
        pod.owners());
  }

  private static EndpointSliceResource other(EndpointSliceResource slice, Random random) {
    List<Endpoint> endpoints =
        slice.endpoints().stream()
            .map(
                one ->
                    new Endpoint(
                        List.of(address(random)),
                        one.ready(),
                        one.serving(),
                        one.terminating(),
                        "node-" + random.nextInt(3),
                        one.zone(),
                        random.nextBoolean() ? one.pod() : Optional.empty()))
            .toList();
    return new EndpointSliceResource(
        slice.metadata(), slice.addressType(), endpoints, slice.ports());
  }

  private static InetAddress address(Random random) {
    return ADDRESSES.get(random.nextInt(ADDRESSES.size()));
  }

  private static ObjectMeta relabelled(ObjectMeta metadata, Random random) {
    Map<String, String> labels = new HashMap<>(metadata.labels());
    if (random.nextBoolean()) {
      labels.putAll(POOL.get(random.nextInt(POOL.size())).metadata().labels());
    } else {
      labels.clear();
    }
    labels.put("topology.kubernetes.io/zone", "zone-" + random.nextInt(2));
    return new ObjectMeta(
        metadata.namespace(),
        metadata.name(),
        metadata.uid(),
        labels,
        metadata.annotations(),
        metadata.creationTimestamp());
  }

  /** Everything at once, without parts. */
  private record Whole(ResourceSet addresses, ResourceSet authorizations, NodePods nodePods) {
    Whole(Iterable<Resource> resources) {
      MeshStore store = new MeshStore(NAMES);
      MeshChange change = new MeshChange(store, NAMES.rootNamespaces());
      resources.forEach(one -> change.resource(null, one));
      this(store, change);
    }

    private Whole(MeshStore store, MeshChange change) {
      MeshPolicies policies = MeshPolicies.of(store.policies.values(), NAMES.rootNamespaces());
      ResourceIndex index = store.index(store.namespaces());
      Addresses all = new Addresses(index, NAMES, policies);
      this(
          ResourceSet.of(Stream.concat(all.ofPods(index.pods()), all.withoutPods()).toList()),
          ResourceSet.of(
              policies.authorizations().stream().map(IncrementalModel::resource).toList()),
          NodePods.NONE.with(change.nodes(), change.pods(), store, NAMES.trustDomain()));
    }
  }
}
