// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/** Reads secrets. */
final class SecretReader {
  private SecretReader() {}

  static SecretResource read(ObjectMeta metadata, ObjectReader secret) {
    Map<String, String> values = new HashMap<>();
    secret
        .textMap("data")
        .forEach(
            (key, text) -> {
              try {
                values.put(key, new String(Base64.getMimeDecoder().decode(text), UTF_8));
              } catch (IllegalArgumentException e) {
                secret.error(
                    "data", "the value of %s is no base64".formatted(key), "or use stringData");
              }
            });
    values.putAll(secret.textMap("stringData"));
    return new SecretResource(metadata, secret.text("type", "Opaque"), values);
  }
}
