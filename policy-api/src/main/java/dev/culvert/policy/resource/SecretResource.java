// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.Map;
import java.util.Optional;

/**
 * A Secret. Its text has no values in it, so that no log gets them.
 *
 * @param type for example kubernetes.io/tls
 * @param data by key, decoded
 */
public record SecretResource(ObjectMeta metadata, String type, Map<String, String> data)
    implements Resource {
  /** Copies the values. */
  public SecretResource {
    data = Map.copyOf(data);
  }

  @Override
  public String kind() {
    return "Secret";
  }

  /** Whether it holds a certificate and its private key, and nothing else that is secret. */
  public boolean isTls() {
    return type.equals("kubernetes.io/tls");
  }

  /** The value of a key. */
  public Optional<String> value(String key) {
    return Optional.ofNullable(data.get(key));
  }

  @Override
  public String toString() {
    return "Secret %s/%s".formatted(metadata.namespace(), metadata.name());
  }
}
