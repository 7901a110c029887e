// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import java.util.ArrayList;
import java.util.List;

/**
 * The full names that a name may mean to a pod: as a resolver would try them with the search list
 * that Kubernetes gives to pods, whether the pod's own has already put one of it behind or not.
 */
final class Aliases {
  private static final String SVC = "svc";

  private final String clusterDomain;

  /**
   * @param clusterDomain for example {@code cluster.local}
   */
  Aliases(String clusterDomain) {
    this.clusterDomain = clusterDomain;
  }

  /**
   * The names to look for, the most literal first.
   *
   * @param namespace of the pod that asks
   * @param name lower case, without the last dot
   */
  List<String> of(String namespace, String name) {
    List<String> all = new ArrayList<>();
    add(all, namespace, name);
    for (String domain : searchDomains(namespace)) {
      if (name.endsWith("." + domain)) {
        add(all, namespace, name.substring(0, name.length() - domain.length() - 1));
      }
    }
    return all.stream().distinct().toList();
  }

  private List<String> searchDomains(String namespace) {
    String services = SVC + "." + clusterDomain;
    return List.of(namespace + "." + services, services, clusterDomain);
  }

  /** The name itself and what it is short for: SERVICE[.NAMESPACE[.svc]], or a pod of one. */
  private void add(List<String> all, String namespace, String name) {
    all.add(name);
    String[] labels = name.split("\\.", -1);
    boolean svc = labels[labels.length - 1].equals(SVC);
    switch (labels.length) {
      case 1 -> all.add(inNamespace(name, namespace));
      case 2 -> {
        all.add(service(name));
        all.add(inNamespace(name, namespace));
      }
      case 3 -> all.add(svc ? name + "." + clusterDomain : service(name));
      case 4 -> {
        if (svc) {
          all.add(name + "." + clusterDomain);
        }
      }
      default -> {
        // A longer one is nobody's short form.
      }
    }
  }

  private String inNamespace(String name, String namespace) {
    return service(name + "." + namespace);
  }

  private String service(String name) {
    return name + "." + SVC + "." + clusterDomain;
  }

  /** Whether a name is that of a Kubernetes service, or of a pod of one. */
  boolean isOfKubernetes(String hostname) {
    return hostname.endsWith("." + SVC + "." + clusterDomain);
  }
}
