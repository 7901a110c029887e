// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import dev.culvert.policy.settings.FixedVariable;
import dev.culvert.policy.settings.ForeignSettings;
import dev.culvert.policy.settings.InvalidSettingException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The environment of Istio's ztunnel, so that its DaemonSet can run this one instead. */
public final class IstioEnvironment implements ForeignSettings {
  /** Every one that names a key more than once comes in the order in which they win. */
  private record Known(Name name, Function<Map<String, String>, Optional<String>> read) {}

  private static final List<Known> KNOWN =
      List.of(
          same("NODE_NAME", "node"),
          of("XDS_ADDRESS", "xds-address", "without https://", IstioValues::address),
          same("XDS_ON_DEMAND", "xds-on-demand"),
          of("CA_ADDRESS", "ca-address", "without https://", IstioValues::address),
          same("XDS_ROOT_CA", "root-cert"),
          of("CA_ROOT_CA", "ca-root-cert", "", text -> text),
          same("ALT_XDS_HOSTNAME", "xds-server-name"),
          same("ALT_CA_HOSTNAME", "ca-server-name"),
          of("AUTH_TOKEN", "token-file", "a file; a token itself is refused", IstioValues::file),
          same("TRUST_DOMAIN", "trust-domain"),
          of("ISTIO_META_CLUSTER_ID", "cluster", "wins over CLUSTER_ID", text -> text),
          same("CLUSTER_ID", "cluster"),
          same("CLUSTER_DOMAIN", "cluster-domain"),
          same("NETWORK", "network"),
          same("INPOD_UDS", "zds-socket"),
          of("INPOD_ENABLED", "redirect", "true is netfilter", IstioValues::redirect),
          of(
              "INPOD_UDS",
              "redirect",
              "netfilter, unless INPOD_ENABLED says else: an agent of Istio's kind listens there",
              socket -> "netfilter"),
          same("IPV6_ENABLED", "ipv6"),
          new Known(
              new Name("KEEPALIVE_ENABLED", "keepalive-time", "false is 0s"),
              IstioValues::noKeepalive),
          of("KEEPALIVE_TIME", "keepalive-time", "as 3m or 1h30m", IstioValues::duration),
          of("KEEPALIVE_INTERVAL", "keepalive-interval", "as 3m or 1h30m", IstioValues::duration),
          same("KEEPALIVE_RETRIES", "keepalive-probes"),
          of("SECRET_TTL", "certificate-ttl", "as 24h or 1h30m", IstioValues::duration),
          same("CRL_PATH", "crl-file"),
          of("COMPLIANCE_POLICY", "post-quantum", "pqc only", IstioValues::compliance),
          of(
              "ISTIO_META_DNS_CAPTURE",
              "dns-proxy",
              "true, or another text is off",
              IstioValues::flag),
          same("PREFERED_SERVICE_NAMESPACE", "dns-preferred-namespace"),
          same("POOL_MAX_STREAMS_PER_CONNECTION", "pool-max-streams"),
          of("POOL_UNUSED_RELEASE_TIMEOUT", "pool-idle", "as 5m or 1h30m", IstioValues::duration),
          of("HTTP2_STREAM_WINDOW_SIZE", "http2-stream-window", "bytes", IstioValues::bytes),
          of(
              "HTTP2_CONNECTION_WINDOW_SIZE",
              "http2-connection-window",
              "bytes",
              IstioValues::bytes),
          of("HTTP2_FRAME_SIZE", "http2-frame-size", "bytes", IstioValues::bytes),
          of(
              "CONNECTION_TERMINATION_DEADLINE",
              "drain-deadline",
              "as 5m or 1h30m",
              IstioValues::duration),
          of(
              "TERMINATION_GRACE_PERIOD_SECONDS",
              "drain-deadline",
              "5 seconds less, or 1 of 10 and under",
              IstioValues::grace),
          new Known(
              new Name(
                  "ZTUNNEL_WORKER_THREADS",
                  "workers",
                  "also per cent of ZTUNNEL_CPU_LIMIT; 0 is all"),
              IstioValues::workers),
          of("LOG_FORMAT", "log-format", "json, else text", IstioValues::logFormat),
          of("RUST_LOG", "log-level", "the level without a target", IstioValues::logLevel),
          same("POD_NAME", "pod-name"),
          same("POD_NAMESPACE", "pod-namespace"),
          same("INSTANCE_IP", "instance-ip"),
          prefixed("ISTIO_META_", "node-metadata"),
          new Known(
              new Name(IstioMetadata.PREFIX + "*", "node-metadata-json", "all members together"),
              IstioMetadata::in),
          prefixed("XDS_HEADER_", "xds-headers"),
          prefixed("CA_HEADER_", "ca-headers"));

  @Override
  public List<Given> in(Map<String, String> environment) {
    check(environment);
    List<Given> given = new ArrayList<>();
    Set<String> keys = new HashSet<>();
    for (Known known : KNOWN) {
      Optional<String> text = read(known, environment);
      if (text.isPresent() && keys.add(known.name().key())) {
        given.add(new Given(known.name().key(), text.get(), known.name().variable()));
      }
    }
    return given;
  }

  private static Optional<String> read(Known known, Map<String, String> environment) {
    try {
      return known.read().apply(environment);
    } catch (IllegalArgumentException e) {
      throw new InvalidSettingException(known.name().variable(), e.getMessage());
    }
  }

  @Override
  public List<FixedVariable> fixed() {
    return IstioFixed.ALL;
  }

  @Override
  public List<Name> names() {
    return KNOWN.stream().map(Known::name).toList();
  }

  private static Known same(String variable, String key) {
    return of(variable, key, "", text -> text);
  }

  /** An empty variable is as one that is not there: charts write them so. */
  private static Known of(
      String variable, String key, String note, Function<String, String> translate) {
    return new Known(
        new Name(variable, key, note),
        environment ->
            Optional.ofNullable(environment.get(variable))
                .filter(text -> !text.isBlank())
                .map(translate));
  }

  private static Known prefixed(String prefix, String key) {
    return new Known(
        new Name(prefix + "*", key, "all together"), environment -> pairs(environment, prefix));
  }

  private static Optional<String> pairs(Map<String, String> environment, String prefix) {
    Map<String, String> found = new TreeMap<>();
    environment.forEach(
        (variable, text) -> {
          if (variable.startsWith(prefix) && variable.length() > prefix.length()) {
            found.put(variable.substring(prefix.length()), text);
          }
        });
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(
            found.entrySet().stream()
                .map(pair -> pair.getKey() + "=" + NamedValues.escape(pair.getValue()))
                .collect(Collectors.joining(",")));
  }
}
