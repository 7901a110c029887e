// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.xds.Place;
import dev.culvert.ztunnel.xds.Workload;
import dev.culvert.ztunnel.xds.Workload.Attribution;
import dev.culvert.ztunnel.xds.Workload.WorkloadType;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code baggage} header (W3C Baggage): what a peer says of itself, for telemetry only. Every
 * text is a claim, never a reason to allow anything; what is missing or malformed is left out.
 */
public record Baggage(String namespace, Attribution attribution) {
  /** Twice what W3C asks an implementation to carry. */
  private static final int MAX_LENGTH = 16 * 1024;

  private static final int CLUSTER = 0;
  private static final int NAMESPACE = 1;
  private static final int NAME = 2;
  private static final int REVISION = 3;
  private static final int REGION = 4;
  private static final int ZONE = 5;

  /** The first of the keys that say which kind of owner there is, one for each kind. */
  private static final int OWNER = 6;

  private static final List<WorkloadType> TYPES = List.of(WorkloadType.values());
  private static final String[] KEYS = keys();
  private static final Baggage NONE = read(new String[KEYS.length]);

  private static String[] keys() {
    String[] keys = new String[OWNER + TYPES.size()];
    keys[CLUSTER] = "k8s.cluster.name";
    keys[NAMESPACE] = "k8s.namespace.name";
    keys[NAME] = "service.name";
    keys[REVISION] = "service.version";
    keys[REGION] = "cloud.region";
    keys[ZONE] = "cloud.availability_zone";
    for (int i = 0; i < TYPES.size(); i++) {
      keys[OWNER + i] = "k8s." + TYPES.get(i).name().toLowerCase(Locale.ROOT) + ".name";
    }
    return keys;
  }

  /** What to send for a workload; the same text for the same instance, made once. */
  public static String format(Workload workload) {
    return BaggageTexts.of(workload);
  }

  static String write(Workload workload) {
    Attribution said = workload.attribution();
    StringBuilder text = new StringBuilder(192);
    append(text, CLUSTER, said.clusterId());
    append(text, NAMESPACE, workload.namespace());
    append(text, OWNER + TYPES.indexOf(said.workloadType()), said.workloadName());
    append(text, NAME, said.canonicalName());
    append(text, REVISION, said.canonicalRevision());
    append(text, REGION, said.region());
    append(text, ZONE, said.zone());
    return text.toString();
  }

  private static void append(StringBuilder text, int key, String value) {
    if (!value.isEmpty()) {
      text.append(text.isEmpty() ? "" : ",").append(KEYS[key]).append('=');
      PercentCode.encode(value, text);
    }
  }

  /** Reads a header; null is none. Of a key that comes twice the first counts. */
  public static Baggage parse(CharSequence header) {
    if (header == null || header.length() > MAX_LENGTH) {
      return NONE;
    }
    String text = header.toString();
    String[] values = new String[KEYS.length];
    int start = 0;
    while (start <= text.length()) {
      int end = Span.until(text, ',', start, text.length());
      member(text, start, Span.until(text, ';', start, end), values);
      start = end + 1;
    }
    return read(values);
  }

  /** One {@code key=value} without its properties. */
  private static void member(String text, int start, int end, String[] values) {
    int equals = Span.until(text, '=', start, end);
    if (equals == end) {
      return;
    }
    int from = Span.skipSpace(text, start, equals);
    int to = Span.dropSpace(text, from, equals);
    for (int key = 0; key < KEYS.length; key++) {
      boolean same = KEYS[key].length() == to - from && text.startsWith(KEYS[key], from);
      if (same && values[key] == null) {
        values[key] = value(text, equals + 1, end);
      }
    }
  }

  private static String value(String text, int start, int end) {
    int from = Span.skipSpace(text, start, end);
    return PercentCode.decode(text, from, Span.dropSpace(text, from, end));
  }

  /**
   * The workload that the control plane does not know, as it describes itself; empty when it says
   * nothing.
   */
  public Optional<Workload> workload(SpiffeId identity, InetAddress address) {
    return isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Workload(
                "",
                namespace,
                attribution.workloadName(),
                identity,
                List.of(address),
                "",
                place(attribution),
                false,
                true,
                true,
                1,
                List.of(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                attribution));
  }

  private static Place place(Attribution said) {
    return new Place("", said.clusterId(), said.region(), said.zone(), "", "");
  }

  /** Whether it says nothing. */
  public boolean isEmpty() {
    return equals(NONE);
  }

  private static Baggage read(String[] values) {
    int owner = OWNER;
    while (owner < KEYS.length - 1 && present(values, owner).isEmpty()) {
      owner++;
    }
    boolean owned = !present(values, owner).isEmpty();
    return new Baggage(
        present(values, NAMESPACE),
        new Attribution(
            present(values, NAME),
            present(values, REVISION),
            owned ? TYPES.get(owner - OWNER) : WorkloadType.DEPLOYMENT,
            present(values, owner),
            present(values, CLUSTER),
            present(values, REGION),
            present(values, ZONE)));
  }

  private static String present(String[] values, int key) {
    return values[key] == null ? "" : values[key];
  }
}
