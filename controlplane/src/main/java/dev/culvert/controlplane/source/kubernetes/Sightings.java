// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;

/** Sees the objects that are followed as the API server has them, on the informers' threads. */
public interface Sightings {
  /** Looks away. */
  Sightings NONE =
      new Sightings() {
        @Override
        public void seen(
            ResourceKind kind, ResourceDefinitionContext served, GenericKubernetesResource object) {
          // It is not asked what is there.
        }

        @Override
        public void gone(ResourceKind kind, ResourceKey key) {
          // It is not asked what is there.
        }
      };

  /** What an object is called in what is found about it. */
  static String origin(ResourceKind kind, ResourceKey key) {
    return key.namespace().isEmpty()
        ? kind + " " + key.name()
        : kind + " " + key.namespace() + "/" + key.name();
  }

  /** An object is new, or another than before. */
  void seen(ResourceKind kind, ResourceDefinitionContext served, GenericKubernetesResource object);

  /** An object is not there any more. */
  void gone(ResourceKind kind, ResourceKey key);

  /** Both see everything, the other after this one. */
  default Sightings and(Sightings other) {
    Sightings one = this;
    return new Sightings() {
      @Override
      public void seen(
          ResourceKind kind, ResourceDefinitionContext served, GenericKubernetesResource object) {
        one.seen(kind, served, object);
        other.seen(kind, served, object);
      }

      @Override
      public void gone(ResourceKind kind, ResourceKey key) {
        one.gone(kind, key);
        other.gone(kind, key);
      }
    };
  }
}
