// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.model.MeshModel;
import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.controlplane.status.Condition;
import dev.culvert.controlplane.status.ListenerStatus;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.spiffe.TrustDomain;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A mesh to which resources are applied, and what is said of them. */
final class JudgedMesh {
  private static final MeshNames NAMES =
      new MeshNames(
          new TrustDomain("cluster.local"),
          "Kubernetes",
          "",
          "cluster.local",
          List.of("culvert-system"));

  private final Map<ResourceKey, Resource> all = new LinkedHashMap<>();
  private final Verdicts verdicts = new Verdicts(NAMES);
  private Said said = Said.NOTHING;

  Said apply(String yaml) {
    ResourceFiles files = ResourceFiles.empty().with(Map.of("mesh.yaml", yaml));
    assertThat(files.errors()).isEmpty();
    files.resources().forEach(one -> all.put(one.key(), one));
    return update(new ResourceChanges(files.resources(), List.of(), List.of(), List.of()));
  }

  Said delete(String kind, String name) {
    ResourceKey key = key(kind, name);
    all.remove(key);
    return update(new ResourceChanges(List.of(), List.of(key), List.of(), List.of()));
  }

  private Said update(ResourceChanges changes) {
    said = verdicts.update(changes, MeshModel.of(all.values(), NAMES).notices());
    return said;
  }

  Said said() {
    return said;
  }

  /** Of the first parent. */
  Attachment route(String kind, String name) {
    return said.routes().get(key(kind, name)).getFirst();
  }

  List<String> conditions(String kind, String name) {
    return texts(route(kind, name).conditions().stream());
  }

  List<String> policy(String kind, String name) {
    return texts(said.policies().get(key(kind, name)).stream());
  }

  /** What a condition of a policy says. */
  String message(String kind, String name, String type) {
    return message(said.policies().get(key(kind, name)), type);
  }

  static String message(List<Condition> conditions, String type) {
    return conditions.stream()
        .filter(one -> one.type().equals(type))
        .map(Condition::message)
        .findFirst()
        .orElseThrow();
  }

  ListenerSetVerdict set(String name) {
    return said.listenerSets().get(key("ListenerSet", name));
  }

  GatewayVerdict gateway(String name) {
    return gateway(name, "shop");
  }

  GatewayVerdict gateway(String name, String namespace) {
    return said.gateways().get(new ResourceKey("Gateway", namespace, name));
  }

  static ListenerStatus listener(List<ListenerStatus> all, String name) {
    return all.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
  }

  static List<String> texts(Stream<Condition> conditions) {
    return conditions.map(JudgedMesh::text).toList();
  }

  static String text(Condition condition) {
    return "%s=%s %s".formatted(condition.type(), condition.holds(), condition.reason());
  }

  private static ResourceKey key(String kind, String name) {
    return new ResourceKey(kind, "shop", name);
  }
}
