// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads pods. */
final class PodReader {
  private PodReader() {}

  static PodResource read(ObjectMeta metadata, ObjectReader pod) {
    ObjectReader spec = pod.object("spec");
    ObjectReader status = pod.object("status");
    ObjectReader meta = pod.object("metadata");
    checkNetns(metadata, meta);
    return new PodResource(
        metadata,
        spec.parsed("nodeName", Literals::name).orElse(""),
        spec.parsed("serviceAccountName", Literals::name).orElse("default"),
        spec.flag("hostNetwork", false),
        status.parsed("phase", PodReader::phase).orElse(PodPhase.RUNNING),
        ips(status),
        ready(status),
        meta.has("deletionTimestamp"),
        spec.objects("containers").stream().flatMap(PodReader::ports).toList(),
        meta.objects("ownerReferences").stream().map(PodReader::owner).toList());
  }

  private static void checkNetns(ObjectMeta metadata, ObjectReader meta) {
    Optional<String> netns = metadata.annotation(PodResource.NETNS_ANNOTATION);
    if (netns.isPresent() && (!netns.get().startsWith("/") || netns.get().indexOf('\0') >= 0)) {
      meta.error(
          "annotations",
          "%s '%s' is no path".formatted(PodResource.NETNS_ANNOTATION, netns.get()),
          "write one such as /run/netns/web");
    }
  }

  private static PodPhase phase(String text) {
    return switch (text) {
      case "Pending" -> PodPhase.PENDING;
      case "Running" -> PodPhase.RUNNING;
      case "Succeeded" -> PodPhase.SUCCEEDED;
      case "Failed" -> PodPhase.FAILED;
      case "Unknown" -> PodPhase.UNKNOWN;
      default ->
          throw new InvalidValueException(
              "'%s' is no phase".formatted(text),
              "write Pending, Running, Succeeded, Failed or Unknown");
    };
  }

  private static List<InetAddress> ips(ObjectReader status) {
    Stream<InetAddress> all =
        status.objects("podIPs").stream().flatMap(ip -> ip.parsed("ip", Literals::ip).stream());
    Stream<InetAddress> first = status.parsed("podIP", Literals::ip).stream();
    return Stream.concat(first, all).distinct().toList();
  }

  private static boolean ready(ObjectReader status) {
    return status.objects("conditions").stream()
        .filter(condition -> condition.text("type", "").equals("Ready"))
        .allMatch(condition -> condition.text("status", "").equals("True"));
  }

  private static Stream<ContainerPort> ports(ObjectReader container) {
    return container.objects("ports").stream()
        .map(
            port ->
                new ContainerPort(
                    port.text("name", ""),
                    port.integer("containerPort", 0, 1, 65535),
                    port.text("protocol", "TCP")));
  }

  private static OwnerReference owner(ObjectReader owner) {
    return new OwnerReference(
        owner.text("apiVersion", ""),
        owner.text("kind", ""),
        owner.text("name", ""),
        owner.flag("controller", false));
  }
}
