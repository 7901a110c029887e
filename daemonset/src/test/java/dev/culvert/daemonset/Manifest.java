// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** One object of Kubernetes, or a part of one, as YAML has it. */
record Manifest(Map<?, ?> tree) {

  String kind() {
    return text("kind");
  }

  String name() {
    return at("metadata").text("name");
  }

  String text(String key) {
    return String.valueOf(tree.get(key));
  }

  /** Empty when there is nothing at the key. */
  Manifest at(String... keys) {
    Map<?, ?> here = tree;
    for (String key : keys) {
      here = here.get(key) instanceof Map<?, ?> below ? below : Map.of();
    }
    return new Manifest(here);
  }

  /** The parts of a list. */
  List<Manifest> all(String key) {
    return list(key).stream()
        .filter(Map.class::isInstance)
        .map(part -> new Manifest((Map<?, ?>) part))
        .toList();
  }

  /** A list of texts. */
  List<String> texts(String key) {
    return list(key).stream().map(String::valueOf).toList();
  }

  private List<?> list(String key) {
    return tree.get(key) instanceof List<?> list ? list : List.of();
  }

  /** The pod that a workload makes. */
  Optional<Manifest> pod() {
    Manifest pod = at("spec", "template");
    return pod.tree().isEmpty() ? Optional.empty() : Optional.of(pod);
  }

  /** The containers of a workload, those of its start first. */
  List<Manifest> containers() {
    return pod().stream()
        .map(pod -> pod.at("spec"))
        .flatMap(
            spec ->
                Stream.concat(spec.all("initContainers").stream(), spec.all("containers").stream()))
        .toList();
  }
}
