// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.culvert.controlplane.collection.Shards;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a proxy that asks by name is told beside what it named, because it would need it next: the
 * endpoints of a service, and the workloads of its own node. Istiod tells these too. Immutable.
 */
final class Companions {
  /** Nothing that belongs together. */
  static final Companions NONE =
      new Companions(NameIndex.by(Companions::services), NameIndex.by(Companions::nodes));

  private final NameIndex behind;
  private final NameIndex onNode;

  private Companions(NameIndex behind, NameIndex onNode) {
    this.behind = behind;
    this.onNode = onNode;
  }

  /** Those after a change; see {@link NameIndex#with}. */
  Companions with(Shards<Resource> before, Map<String, @Nullable Resource> changed) {
    return new Companions(behind.with(before, changed), onNode.with(before, changed));
  }

  /** The names of what stands behind a service. */
  List<String> behind(String service) {
    return behind.of(service);
  }

  /** The names of what runs on a node. */
  List<String> onNode(String node) {
    return onNode.of(node);
  }

  /** The services that a workload stands behind. */
  static Collection<String> services(Resource resource) {
    Address address = address(resource);
    return address.hasWorkload() ? address.getWorkload().getServicesMap().keySet() : List.of();
  }

  /** The node that a workload is on, if it is on any. */
  static Collection<String> nodes(Resource resource) {
    String node = address(resource).getWorkload().getNode();
    return node.isEmpty() ? List.of() : List.of(node);
  }

  /** Only addresses have companions. */
  private static Address address(Resource resource) {
    if (!resource.getResource().getTypeUrl().equals(TypeUrl.ADDRESS)) {
      return Address.getDefaultInstance();
    }
    try {
      return Address.parseFrom(resource.getResource().getValue());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(resource.getName() + " is no address", e);
    }
  }
}
