// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import java.util.List;
import java.util.Map;

/** Walks in objects whose shape is known, as that of our own templates. */
final class Tree {
  private Tree() {}

  @SuppressWarnings("unchecked") // the template is ours
  static Map<String, Object> map(Map<String, Object> of, String key) {
    return (Map<String, Object>) of.get(key);
  }

  @SuppressWarnings("unchecked") // the template is ours
  static List<Map<String, Object>> maps(Map<String, Object> of, String key) {
    return (List<Map<String, Object>>) of.get(key);
  }

  static Map<String, Object> first(Map<String, Object> of, String key) {
    return maps(of, key).getFirst();
  }
}
