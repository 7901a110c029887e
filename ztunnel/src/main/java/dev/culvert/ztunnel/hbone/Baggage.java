// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.xds.Workload;
import dev.culvert.ztunnel.xds.Workload.Attribution;
import dev.culvert.ztunnel.xds.Workload.WorkloadType;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The {@code baggage} header (W3C Baggage): what a peer says of itself, for telemetry only. Every
 * text is a claim, never a reason to allow anything; what is missing or malformed is left out.
 */
public record Baggage(String namespace, Attribution attribution) {
  /** Twice what W3C asks an implementation to carry. */
  private static final int MAX_LENGTH = 16 * 1024;

  private static final Baggage NONE = read(Map.of());

  /** What to send for a workload. */
  public static String format(Workload workload) {
    Attribution said = workload.attribution();
    StringBuilder text = new StringBuilder(192);
    append(text, "k8s.cluster.name", said.clusterId());
    append(text, "k8s.namespace.name", workload.namespace());
    append(text, key(said.workloadType()), said.workloadName());
    append(text, "service.name", said.canonicalName());
    append(text, "service.version", said.canonicalRevision());
    append(text, "cloud.region", said.region());
    append(text, "cloud.availability_zone", said.zone());
    return text.toString();
  }

  /** Reads a header; null is none. */
  public static Baggage parse(CharSequence header) {
    if (header == null || header.length() > MAX_LENGTH) {
      return NONE;
    }
    Map<String, String> members = new HashMap<>();
    for (String member : header.toString().split(",", -1)) {
      int properties = member.indexOf(';');
      String pair = properties < 0 ? member : member.substring(0, properties);
      int equals = pair.indexOf('=');
      if (equals > 0) {
        members.putIfAbsent(
            pair.substring(0, equals).strip(), decode(pair.substring(equals + 1).strip()));
      }
    }
    return read(members);
  }

  /** Whether it says nothing. */
  public boolean isEmpty() {
    return equals(NONE);
  }

  private static Baggage read(Map<String, String> members) {
    WorkloadType type = WorkloadType.DEPLOYMENT;
    String owner = "";
    for (WorkloadType candidate : WorkloadType.values()) {
      String name = members.getOrDefault(key(candidate), "");
      if (owner.isEmpty() && !name.isEmpty()) {
        type = candidate;
        owner = name;
      }
    }
    return new Baggage(
        members.getOrDefault("k8s.namespace.name", ""),
        new Attribution(
            members.getOrDefault("service.name", ""),
            members.getOrDefault("service.version", ""),
            type,
            owner,
            members.getOrDefault("k8s.cluster.name", ""),
            members.getOrDefault("cloud.region", ""),
            members.getOrDefault("cloud.availability_zone", "")));
  }

  private static String key(WorkloadType type) {
    return "k8s." + type.name().toLowerCase(Locale.ROOT) + ".name";
  }

  private static void append(StringBuilder text, String key, String value) {
    if (!value.isEmpty()) {
      text.append(text.isEmpty() ? "" : ",")
          .append(key)
          .append('=')
          .append(PercentCode.encode(value));
    }
  }

  private static String decode(String value) {
    return PercentCode.decode(value);
  }
}
