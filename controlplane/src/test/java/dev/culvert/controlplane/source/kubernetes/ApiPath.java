// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLDecoder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The URL of an API request.
 *
 * @param groupVersion for example {@code v1} or {@code discovery.k8s.io/v1}
 * @param plural empty when the kinds of the group are asked for
 */
record ApiPath(
    String groupVersion,
    String namespace,
    String plural,
    String name,
    String subresource,
    Map<String, String> query) {

  private static final String BY_NAME = "metadata.name=";

  static ApiPath of(URI uri) {
    List<String> parts = Arrays.asList(uri.getPath().substring(1).split("/", -1));
    int start = parts.getFirst().equals("api") ? 2 : 3;
    String groupVersion = String.join("/", parts.subList(1, Math.min(start, parts.size())));
    List<String> rest = parts.subList(Math.min(start, parts.size()), parts.size());
    String namespace = "";
    if (rest.size() > 2 && rest.getFirst().equals("namespaces")) {
      namespace = rest.get(1);
      rest = rest.subList(2, rest.size());
    }
    return new ApiPath(
        groupVersion, namespace, part(rest, 0), part(rest, 1), part(rest, 2), query(uri));
  }

  String collection() {
    return groupVersion + "/" + plural;
  }

  /** Whether the namespace and the name that are asked for are those of {@code NAMESPACE/NAME}. */
  boolean selects(String key) {
    String only = selectedName();
    return (namespace.isEmpty() || key.startsWith(namespace + "/"))
        && (only.isEmpty() || key.endsWith("/" + only) || key.equals(only));
  }

  /**
   * The one name that a list or watch asks for; empty when it asks for all. Selectors of other
   * fields, as spec.nodeName, are not looked at: a test that needs them has no other objects.
   */
  String selectedName() {
    String selector = query("fieldSelector");
    return selector.startsWith(BY_NAME) ? selector.substring(BY_NAME.length()) : "";
  }

  String query(String name) {
    return query.getOrDefault(name, "");
  }

  private static String part(List<String> parts, int index) {
    return index < parts.size() ? parts.get(index) : "";
  }

  private static Map<String, String> query(URI uri) {
    Map<String, String> query = new HashMap<>();
    if (uri.getRawQuery() != null) {
      for (String pair : uri.getRawQuery().split("&", -1)) {
        String[] parts = pair.split("=", 2);
        query.put(parts[0], parts.length < 2 ? "" : URLDecoder.decode(parts[1], UTF_8));
      }
    }
    return query;
  }
}
