// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.traffic.HashKey;
import dev.culvert.policy.traffic.LoadBalancing;
import dev.culvert.policy.traffic.LoadBalancing.Algorithm;
import dev.culvert.policy.traffic.SlowStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads how an endpoint is chosen. */
final class LoadBalancingReader {
  private LoadBalancingReader() {}

  static LoadBalancing read(ObjectReader balancing) {
    Algorithm algorithm =
        balancing.choice("algorithm", Algorithm.class).orElse(Algorithm.LeastRequest);
    ObjectReader hashOn = balancing.object("hashOn");
    Optional<HashKey> key = key(hashOn);
    if (algorithm.isByKey() && hashOn.isAllEmpty()) {
      balancing.error(
          "hashOn",
          "algorithm %s needs a key".formatted(algorithm),
          "add hashOn.header or another");
    }
    if (!algorithm.isByKey() && balancing.has("hashOn")) {
      balancing.error(
          "hashOn",
          "algorithm %s has no key".formatted(algorithm),
          "remove it, or use RingHash or Maglev");
    }
    Optional<SlowStart> slowStart =
        balancing.has("slowStart") ? slowStart(balancing.object("slowStart")) : Optional.empty();
    if (algorithm.isByKey() && slowStart.isPresent()) {
      balancing.error(
          "slowStart",
          "with algorithm %s keys decide who gets how much".formatted(algorithm),
          "remove it");
    }
    return new LoadBalancing(algorithm, key, slowStart);
  }

  private static Optional<HashKey> key(ObjectReader hashOn) {
    List<HashKey> keys = new ArrayList<>();
    hashOn
        .parsed("header", Literals::some)
        .ifPresent(name -> keys.add(new HashKey.Header(name.toLowerCase(Locale.ROOT))));
    hashOn
        .parsed("queryParameter", Literals::some)
        .ifPresent(name -> keys.add(new HashKey.QueryParameter(name)));
    if (hashOn.flag("sourceAddress", false)) {
      keys.add(new HashKey.SourceAddress());
    }
    if (hashOn.has("cookie")) {
      cookie(hashOn.object("cookie")).ifPresent(keys::add);
    }
    if (keys.size() > 1) {
      hashOn.error(hashOn.names().iterator().next(), "there is one key", "keep one of the fields");
    }
    return keys.stream().findFirst();
  }

  private static Optional<HashKey> cookie(ObjectReader cookie) {
    cookie.require("name", "write the name of the cookie");
    Optional<String> name = cookie.parsed("name", LoadBalancingReader::token);
    String path = cookie.parsed("path", LoadBalancingReader::path).orElse("/");
    Optional<Duration> ttl = cookie.parsed("ttl", TimeSpans::parse);
    return name.map(known -> new HashKey.Cookie(known, path, ttl));
  }

  private static String token(String text) {
    if (!text.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
      throw new InvalidValueException(
          "'%s' is no name of a cookie".formatted(text), "use letters, digits and -_");
    }
    return text;
  }

  private static String path(String text) {
    if (!text.matches("/[!-:<-~]*")) {
      throw new InvalidValueException(
          "'%s' is no path of a cookie".formatted(text), "write one such as /");
    }
    return text;
  }

  private static Optional<SlowStart> slowStart(ObjectReader slowStart) {
    slowStart.require("window", "write how long it takes, as 30s");
    int percent = slowStart.integer("minPercent", 10, 1, 100);
    return slowStart
        .parsed("window", TimeSpans::positive)
        .map(window -> new SlowStart(window, percent));
  }
}
