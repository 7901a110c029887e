// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.wire.workload.Visibility;
import java.util.List;
import java.util.stream.Stream;

/** Who sees a service. The wire knows two answers: everybody, and its own namespace. */
final class Visibilities {
  private static final String ANNOTATION = "networking.istio.io/exportTo";

  private Visibilities() {}

  static Visibility of(ObjectMeta service) {
    List<String> exportTo =
        service.annotation(ANNOTATION).stream()
            .flatMap(list -> Stream.of(list.split(",", -1)))
            .map(String::strip)
            .filter(one -> !one.isEmpty())
            .toList();
    return of(exportTo, service.namespace());
  }

  /** A list of other namespaces is taken as everybody, since those must see it. */
  static Visibility of(List<String> exportTo, String namespace) {
    boolean own =
        exportTo.stream()
            .allMatch(one -> one.equals(".") || one.equals("~") || one.equals(namespace));
    return own && !exportTo.isEmpty() ? Visibility.NAMESPACE : Visibility.PUBLIC;
  }
}
